// Gives a process outside Next what its bundler gives a route handler: the server's half of next/navigation, and the
// default export of a CommonJS package.
import { register } from "node:module";

const hooks = `
const named = { "next/navigation": "next/dist/client/components/navigation.react-server.js" };
export async function resolve(specifier, context, next) {
  const found = await next(named[specifier] ?? specifier, context);
  if (specifier !== "next-auth" || context.parentURL?.startsWith("data:")) return found;
  const source = "import cjs from " + JSON.stringify(found.url) + "; export default cjs.default;";
  return { url: "data:text/javascript," + encodeURIComponent(source), format: "module", shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
