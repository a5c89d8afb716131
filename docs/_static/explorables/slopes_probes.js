/* A hidden sea floor: each probe shows how deep and how steep it is at one place. */

explorable("slopes_probes", {
  compute({ place, sea, probes }, given) {
    const { first, rate, grid, goal, within, most } = given;
    const [middle, steepness, waves, frequency, phase, level] = given.floors[sea - 1];
    const height = ([x]) =>
      steepness * (x - middle) ** 2 + waves * Math.cos(frequency * x + phase) - level;
    const slope = ([x]) => [
      2 * steepness * (x - middle) - waves * frequency * Math.sin(frequency * x + phase),
    ];
    const deepest = (all) => all.map((_, i) => Math.max(...all.slice(0, i + 1)));
    const noted = probes ? probes.split("_") : [];
    const places = [first, ...noted.map(Number)];
    const depths = places.map((x) => -height([x]));
    const slopes = places.map((x) => slope([x])[0]);
    const rule = descent.GradientDescent(rate);
    const bot = descent.path(height, slope, [first], rule, noted.length);
    const found = bot.losses.map((loss) => -loss);
    const tangent = (_, i) => {
      const at = Math.min(i, noted.length);
      const [x, y, steep] = [places[at], depths[at], slopes[at]];
      const half = 0.6 / Math.hypot(1, steep / 13);
      return { x: [x - half, x + half], y: [y + steep * half, y - steep * half] };
    };
    const bottom = grid.map((x) => -height([x]));
    const full = places.length === most;
    return {
      places,
      depths,
      slope: slopes.at(-1),
      tangents: Array.from({ length: most }, tangent),
      deepest: deepest(depths),
      bot: { places: bot.x, depths: found, deepest: deepest(found) },
      guessed: given.guessed[sea - 1].slice(0, places.length),
      used: places.map((_, i) => i + 1),
      count: places.length,
      yours: Math.max(...depths),
      bots: Math.max(...found),
      bottom,
      at: [place, place],
      met: Math.max(...depths.slice(0, within)) >= Math.max(...bottom) - goal,
      next: full ? probes : [...noted, place].join("_"),
      ended: full ? "full" : "",
    };
  },
  tell({ places, depths, slope, yours, bots, met, ended }) {
    const way = slope < 0 ? "right" : "left";
    const done = met ? " That is deep enough." : ended ? " No probe is left." : "";
    return `At ${print(places.at(-1))} km it is ${print(depths.at(-1), 1)} m deep, and the floor falls to the ${way} by ${print(Math.abs(slope), 1)} m per km. You have found ${print(yours, 1)} m, the bot ${print(bots, 1)} m.${done}`;
  },
});
