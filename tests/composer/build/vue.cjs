// A single-file component, from stdin, as the module that Vue's compiler makes of it, to stdout.
const { compileScript, parse } = require("@vue/compiler-sfc");

const source = require("fs").readFileSync(0, "utf8");
const { descriptor, errors } = parse(source, { filename: "Component.vue" });
if (errors.length) throw errors[0];
const custom = (tag) => tag === "mahlan-composer";
const made = compileScript(descriptor, {
  id: "component", inlineTemplate: true, templateOptions: { compilerOptions: { isCustomElement: custom } },
});
process.stdout.write(made.content);
