#!/usr/bin/env node
// What whoever doubts Curfew runs beside it, with nothing but Node.js: `npx curfew <command>`.
const commands = {
  monitor: async (args) => (await import("./monitor/command.mjs")).main(args),
  verify: async (args) => (await import("./verify/core/command.mjs")).main(args),
};

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : null;
if (command) process.exitCode = await command(args);
else {
  process.stderr.write(`Commands: ${Object.keys(commands).join(", ")}. Without more, each says how it is used.\n`);
  process.exitCode = 2;
}
