// What axe-core 4.13 does slowly, done fast: two thirds of its time on a long page go
// to colours, each of which is read from its text anew and kept in six weak maps.
// `AXE` stands for its source. That it finds the same is a test.
(() => {
  // No colour outlives the page, so it can carry its fields itself.
  class WeakMap {
    #key = Symbol();
    has(object) {
      return this.#key in object;
    }
    get(object) {
      return object[this.#key];
    }
    set(object, value) {
      object[this.#key] = value;
      return this;
    }
    delete(object) {
      return delete object[this.#key];
    }
  }
  class WeakSet extends WeakMap {
    add(object) {
      return this.set(object, true);
    }
  }
  AXE;
})();
(() => {
  const colour = axe.commons.color.Color.prototype;
  const read = colour.parseString;
  const known = new Map();
  colour.parseString = function (text) {
    if (!known.has(text)) {
      const { r, g, b, alpha } = read.call(this, text);
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
})();
