// Loaded into each process that the launcher starts. After a `kill -9` of the launcher nobody would end them.
const launcher = process.ppid;
setInterval(() => {
  if (process.ppid === launcher) return;
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.exit(1), 5_000).unref();
}, 1_000).unref();
