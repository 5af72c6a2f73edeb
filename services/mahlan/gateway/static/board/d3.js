// @ts-check
// d3 as a module: d3.min.js is the file its authors publish (7.9.2), unchanged. It puts itself on the global object.

import "./d3.min.js";

export default /** @type {any} */ (globalThis).d3;
