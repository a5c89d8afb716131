/* Rows cut into blocks and dealt to workers, of which one is killed. */

explorable("beyond_one_machine_blocks", {
  compute({ num_blocks, num_workers, after }, { hours, grades, weights, gap }) {
    const all = hours.length;
    const sizes = Array.from({ length: num_blocks }, (_, number) =>
      Math.floor(all / num_blocks + (number < all % num_blocks)),
    );
    const errors = hours.map((x, i) => weights[0] * x + weights[1] - grades[i]);
    const sums = { x: [0], y: [0] };
    let [along, beside, row] = [0, 0, 0];
    for (const size of sizes) {
      for (const end = row + size; row < end; row += 1) {
        along += errors[row] * hours[row];
        beside += errors[row];
      }
      sums.x.push((2 * along) / all);
      sums.y.push((2 * beside) / all);
    }

    /** Give the next block to whoever is free, until the first worker is killed. */
    function deal(after) {
      const free = Array(num_workers).fill(0);
      const waiting = sizes.map((_, number) => [0, number]); // since when, and which
      const bars = Object.fromEntries(
        ["done", "lost", "again"].map((name) => [name, { x: [], y: [] }]),
      );
      let [fate, lost, by, time] = ["idle", -1, 0, 0];
      while (waiting.length) {
        const now = Math.min(...free);
        const worker = free.indexOf(now);
        const next = waiting.findIndex(([since]) => since <= now);
        if (next < 0) free[worker] = waiting[0][0];
        else if (!worker && now >= after) [free[0], fate] = [Infinity, "between"];
        else {
          const [[, number]] = waiting.splice(next, 1);
          let [end, kind] = [now + sizes[number], "done"];
          free[worker] = end;
          if (!worker && end > after) {
            [end, kind, fate, lost] = [after, "lost", "killed", number];
            free[0] = Infinity;
            waiting.unshift([after, number]);
          } else {
            if (number === lost) [kind, by] = ["again", worker + 1];
            time = Math.max(time, end);
          }
          bars[kind].x.push(now + gap, end - gap);
          bars[kind].y.push(worker + 1, worker + 1);
        }
      }
      return { ...bars, fate, block: lost + 1, by, time };
    }
    const dealt = deal(after);
    const [from, to] = dealt.lost.x;
    return {
      ...dealt,
      undisturbed: deal(Infinity).time,
      vain: dealt.lost.x.length && Math.round(to - from + 2 * gap),
      sent: 3 * num_blocks,
      sums,
      gradient: [sums.x.at(-1), sums.y.at(-1)],
    };
  },
  tell({ fate, block, by, time, undisturbed, gradient }) {
    const told = {
      idle: "Worker 1 has nothing left to read when it is killed",
      between: "Worker 1 is killed between two blocks",
      killed: `Worker 1 is killed in block ${block}, and worker ${by} reads that block again`,
    }[fate];
    const instead = time === undisturbed ? "" : ` instead of ${undisturbed}`;
    const free = fate === "killed" && !instead ? " The kill costs no time." : "";
    return `${told}: ${time} rows${instead}.${free} The gradient stays (${gradient.map((each) => print(each)).join(", ")}).`;
  },
});
