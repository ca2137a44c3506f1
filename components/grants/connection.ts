/** How to connect, as the target named it; the password is beside it and came from this browser. */
export type Connection = Readonly<Record<string, string>>;

/** What can be copied. */
export const connectionForms = ["psql", "env", "JSON"] as const;
export type ConnectionForm = (typeof connectionForms)[number];

/** What stands where the password is not shown. */
export const mask = "••••••••••••";

const variables = { host: "PGHOST", port: "PGPORT", database: "PGDATABASE", user: "PGUSER", sslmode: "PGSSLMODE" } as const;

/** One word for a POSIX shell, quoted where it has to be. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A value of a libpq connection string. */
function libpqValue(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function psqlLine(connection: Connection, password: string): string {
  const parts = Object.keys(variables).flatMap((key) => {
    const value = connection[key];
    return value ? [`${key === "database" ? "dbname" : key}=${libpqValue(value)}`] : [];
  });
  return `PGPASSWORD=${shellWord(password)} psql ${shellWord(parts.join(" "))}`;
}

function envLines(connection: Connection, password: string): string {
  const lines = Object.entries(variables).flatMap(([key, name]) => {
    const value = connection[key];
    return value ? [`${name}=${shellWord(value)}`] : [];
  });
  return [...lines, `PGPASSWORD=${shellWord(password)}`].join("\n");
}

/** A connection with its password as one of the forms that are copied. */
export function writeConnection(form: ConnectionForm, connection: Connection, password: string): string {
  switch (form) {
    case "psql":
      return psqlLine(connection, password);
    case "env":
      return envLines(connection, password);
    case "JSON":
      return JSON.stringify({ ...connection, password }, null, 2);
  }
}
