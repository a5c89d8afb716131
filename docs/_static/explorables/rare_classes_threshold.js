/* A threshold among ten scores, the other samples of which stand for several each. */

explorable("rare_classes_threshold", {
  compute({ threshold, others }, { scores, targets, ends: [low, high], near }) {
    const trues = (some) => some.filter((target) => target).length;
    const all = trues(targets);
    const points = targets.map((_, last) => {
      const found = trues(targets.slice(0, last + 1));
      const alarms = others * (last + 1 - found);
      const right = others * (targets.length - all) - alarms;
      return {
        found,
        alarms,
        accuracy: (found + right) / (all + others * (targets.length - all)),
        precision: found / (found + alarms),
        recall: found / all,
        f1: (2 * found) / (found + alarms + all),
      };
    });
    const yeses = scores.filter((score) => score > threshold + near).length;
    return {
      ...points[yeses - 1],
      recalls: points.map(({ recall }) => recall),
      precisions: points.map(({ precision }) => precision),
      line: { x: [threshold, threshold], y: [low, high] },
      yes: { x: [threshold, 1, 1, threshold], y: [low, low, high, high] },
      highest: Math.max(...points.map(({ f1 }) => f1)),
    };
  },
  tell({ found, alarms, f1, highest }, _, { given: { near } }) {
    const best = f1 > highest - near ? " No threshold has a higher F1." : "";
    return `Of the yeses ${found} are right and ${alarms} are false alarms: F1 is ${print(f1)}.${best}`;
  },
});
