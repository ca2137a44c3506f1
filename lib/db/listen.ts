import "server-only";
import pg from "pg";
import * as z from "zod";
import { env } from "@/lib/platform/env";
import { logger } from "@/lib/platform/logger";
import { onShutdown } from "@/lib/platform/shutdown";

/** What listeners are told. */
export type Notification =
  /** An event got its place in the ledger, or something that is no event changed (a use was seen). */
  | { readonly kind: "event"; readonly type: string; readonly subjects: Readonly<Record<string, string>> }
  /** Sign-ins of this person ended; told at the commit that ended them. */
  | { readonly kind: "sign-out"; readonly personId: string }
  /** The connection was lost for a while: anything may have happened. */
  | { readonly kind: "gap" };

type Listener = (notification: Notification) => void;

const eventSchema = z.object({ type: z.string(), subjects: z.record(z.string(), z.string()) });
const aliveEveryMs = 20_000;
const longestPauseMs = 10_000;

/** Reads a notification's payload. Whoever may connect to the database may send one, so it is parsed like any input. */
export function readNotification(channel: string, payload: string): Notification | null {
  if (channel === "curfew_sign_out") {
    return z.uuid().safeParse(payload).success ? { kind: "sign-out", personId: payload } : null;
  }
  try {
    const parsed = eventSchema.safeParse(JSON.parse(payload));
    return parsed.success ? { kind: "event", ...parsed.data } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** One connection that listens for the whole process, and everybody who wants to hear. */
class NotificationHub {
  private readonly listeners = new Set<Listener>();
  private client: pg.Client | null = null;
  private running = false;
  private stopped = false;
  private missed = false;
  private pauseMs = 250;

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    if (!this.running) {
      this.running = true;
      onShutdown(() => this.stop());
      void this.connect();
    }
    return () => this.listeners.delete(listener);
  }

  private tell(notification: Notification): void {
    for (const listener of this.listeners) listener(notification);
  }

  private async connect(): Promise<void> {
    if (this.stopped) return;
    const client = new pg.Client({
      connectionString: env.databaseUrl,
      application_name: "curfew-listen",
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    });
    let lost = false;
    const lose = (error: unknown) => {
      if (lost) return;
      lost = true;
      this.reconnectAfter(client, error);
    };
    client.on("error", lose);
    client.on("end", () => lose("the server ended the connection"));
    client.on("notification", ({ channel, payload }) => {
      const notification = readNotification(channel, payload ?? "");
      if (notification) this.tell(notification);
    });
    try {
      await client.connect();
      await client.query("LISTEN curfew; LISTEN curfew_sign_out");
      this.client = client;
      this.pauseMs = 250;
      if (this.missed) this.tell({ kind: "gap" });
      this.missed = false;
      this.watch(client, lose);
    } catch (error) {
      lose(error);
    }
  }

  /** A connection whose other end vanished looks idle, not broken: ask it something now and then. */
  private watch(client: pg.Client, lose: (error: unknown) => void): void {
    const timer = setInterval(() => {
      if (this.client !== client) return clearInterval(timer);
      client.query("select 1").catch(lose);
    }, aliveEveryMs);
    timer.unref();
  }

  private reconnectAfter(client: pg.Client, error: unknown): void {
    if (this.client === client) this.client = null;
    client.removeAllListeners("notification");
    // Already lost; how its end goes changes nothing.
    client.end().catch((endError: unknown) => logger.debug({ event: "listen.end", err: endError }));
    if (this.stopped) return;
    this.missed = true;
    logger.warn({ event: "listen.lost", retryInMs: this.pauseMs, err: error });
    setTimeout(() => void this.connect(), this.pauseMs).unref();
    this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    const { client } = this;
    this.client = null;
    if (client) await client.end();
  }
}

const kept = globalThis as { curfewNotifications?: NotificationHub };

/** Tells `listener` what is committed from now on, by this or any other process. Answers how to stop. */
export function onNotification(listener: Listener): () => void {
  kept.curfewNotifications ??= new NotificationHub();
  return kept.curfewNotifications.subscribe(listener);
}
