// Starts a real Redmine and a real Request Tracker from Debian's packages on loopback, over copies of their fresh databases, runs a
// command with their addresses in its environment, and stops them by process id. Installs nothing: it says what is missing.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const folder = mkdtempSync(path.join(tmpdir(), "curfew-tickets-"));
const started = [];
const say = (text) => process.stdout.write(`${text}\n`);

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Runs a program to its end; answers what it printed. */
function run(command, args, options) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.once("error", fail);
    child.once("exit", (code) => (code === 0 ? done(text) : fail(new Error(`${command} ended with ${code}`))));
  });
}

/** Starts a server in a process group of its own and waits until it answers. */
async function start(command, args, options, url) {
  const child = spawn(command, args, { ...options, detached: true, stdio: "ignore" });
  started.push(child);
  child.once("error", () => undefined);
  for (let tries = 0; tries < 240; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (answer) return;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`${command} did not answer`);
}

const redmineHome = "/usr/share/redmine";
const redmineData = "/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default";
const prepareRedmine = [
  'Setting.rest_api_enabled = "1"',
  'user = User.find_by_login("admin"); user.must_change_passwd = false; user.save!(validate: false)',
  'project = Project.find_by_identifier("chg") || Project.create!(name: "Changes", identifier: "chg", is_public: false)',
  "project.trackers = Tracker.all; project.enabled_module_names = ['issue_tracking']; project.save!",
  'puts "apikey=#{user.api_key}"',
].join("; ");

async function startRedmine() {
  if (!existsSync(redmineData) || !existsSync("/usr/bin/puma")) {
    say("No Redmine: apt-get install redmine redmine-sqlite puma ruby-sqlite3. Its tests are skipped.");
    return {};
  }
  const data = path.join(folder, "redmine.sqlite");
  copyFileSync(redmineData, data);
  const env = { ...process.env, RAILS_ENV: "production", X_DEBIAN_SITEID: "default", DATABASE_URL: `sqlite3:${data}` };
  const printed = await run("bundle", ["exec", "rails", "runner", prepareRedmine], { cwd: redmineHome, env });
  const key = /apikey=([0-9a-f]{40})/.exec(printed)?.[1];
  if (!key) throw new Error("Redmine gave no API key");
  const url = `http://127.0.0.1:${await freePort()}`;
  await start("puma", ["-e", "production", "-b", url.replace("http", "tcp"), "config.ru"], { cwd: redmineHome, env }, `${url}/issue_statuses.json`);
  say(`A real Redmine runs at ${url}`);
  return { CURFEW_TEST_REDMINE_URL: url, CURFEW_TEST_REDMINE_KEY: key };
}

const trackerServer = "/usr/share/request-tracker5/libexec/rt-server";
const trackerData = "/var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb";

async function startTracker() {
  if (!existsSync(trackerServer) || !existsSync(trackerData)) {
    say("No Request Tracker: apt-get install request-tracker5 rt5-db-sqlite rt5-standalone. Its tests are skipped.");
    return {};
  }
  const port = await freePort();
  const data = path.join(folder, "rt.sqlite");
  copyFileSync(trackerData, data);
  const config = path.join(folder, "RT_SiteConfig.pm");
  writeFileSync(
    config,
    [
      'Set($rtname, "curfew-test"); Set($Organization, "curfew.test");',
      `Set($WebDomain, "127.0.0.1"); Set($WebPort, ${port}); Set($WebPath, "");`,
      `Set($DatabaseType, "SQLite"); Set($DatabaseName, "${data}");`,
      'Set($LogToSTDERR, "error"); Set($LogToSyslog, undef); Set($MailCommand, "testfile"); Set($DevelMode, 0);',
      "1;",
    ].join("\n"),
  );
  const nothing = path.join(folder, "none");
  mkdirSync(nothing);
  const env = { ...process.env, RT_SITE_CONFIG: config, RT_SITE_CONFIG_DIR: nothing };
  const url = `http://127.0.0.1:${port}`;
  await start(trackerServer, ["--port", String(port)], { env, cwd: folder }, `${url}/REST/2.0/rt`);
  say(`A real Request Tracker runs at ${url}`);
  return { CURFEW_TEST_RT_URL: url };
}

/** A server that cannot be started is a reason to skip its tests on a developer's machine, and a failure where it was asked for. */
async function orSkip(starting) {
  try {
    return await starting();
  } catch (error) {
    if (process.env.CURFEW_TEST_NEEDS_TICKET_SERVERS === "1") throw error;
    say(`${error instanceof Error ? error.message : String(error)}: its tests are skipped.`);
    return {};
  }
}

function stop() {
  for (const child of started.splice(0)) {
    if (child.pid === undefined || child.exitCode !== null) continue;
    try {
      process.kill(-child.pid, "SIGTERM");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const command = process.argv.slice(2);
  if (command.length === 0) throw new Error("usage: servers.mjs COMMAND …");
  const servers = { ...(await orSkip(startRedmine)), ...(await orSkip(startTracker)) };
  const child = spawn(command[0], command.slice(1), { stdio: "inherit", env: { ...process.env, ...servers } });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) => done(signal ? 1 : (code ?? 1)));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  stop();
}
