import "server-only";
import { onNotification, type Notification } from "@/lib/db/listen";
import { logger } from "@/lib/platform/logger";
import { isShuttingDown, onShutdown } from "@/lib/platform/shutdown";
import type { PersonActor } from "./actor";
import { allows } from "./permissions";
import { recheckSignIn, type SignedIn } from "./sign-ins";
import { concernedBy, mayHear } from "./visibility";

/** One stream a browser is the rule (`components/live`); this leaves room for several browsers. */
const mostStreamsPerPerson = 8;
const mostStreams = 2_000;
const beatEveryMs = 15_000;
/** Rechecks that may fail in a row (database away) before a stream is closed: without an answer nobody hears more. */
const mostUnanswered = 3;
/** Events that may wait for a browser that does not read. */
const mostWaiting = 500;

type EventNotification = Extract<Notification, { kind: "event" }>;
const encoder = new TextEncoder();

/** One browser's server-sent events. */
class Stream {
  readonly body: ReadableStream<Uint8Array>;
  readonly signInId: string;
  actor: PersonActor;
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  private readonly beat: NodeJS.Timeout;
  private unanswered = 0;
  private readonly onClose: (stream: Stream) => void;

  constructor(signedIn: SignedIn, onClose: (stream: Stream) => void) {
    this.signInId = signedIn.signInId;
    this.actor = signedIn.actor;
    this.onClose = onClose;
    this.beat = setInterval(() => void this.recheck(true), beatEveryMs);
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller;
          // The browser waits this long before it comes back after a lost connection.
          this.write("retry: 2000\n\n");
        },
        cancel: () => this.close(),
      },
      { highWaterMark: mostWaiting, size: () => 1 },
    );
  }

  send(event: string, data: unknown): void {
    this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  private write(text: string): void {
    if (!this.controller) return;
    if ((this.controller.desiredSize ?? 0) <= 0) return this.close();
    this.controller.enqueue(encoder.encode(text));
  }

  close(): void {
    clearInterval(this.beat);
    const { controller } = this;
    if (!controller) return;
    this.controller = null;
    this.onClose(this);
    try {
      controller.close();
    } catch (error) {
      // Cancelled by the browser in the same moment.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Is the browser still signed in, and as what? Ends the stream where not. */
  async recheck(beat: boolean): Promise<void> {
    try {
      const actor = await recheckSignIn(this.signInId);
      this.unanswered = 0;
      if (!actor || !allows(actor.roles, "session:view")) {
        this.send("signed-out", {});
        this.close();
        return;
      }
      this.actor = actor;
      if (beat) this.write(": beat\n\n");
    } catch (error) {
      logger.warn({ event: "stream.recheck-failed", err: error });
      if (++this.unanswered >= mostUnanswered) this.close();
    }
  }
}

/** All streams of this process. */
class Streams {
  private readonly open = new Set<Stream>();
  private queue: Promise<void> = Promise.resolve();

  constructor() {
    onNotification((notification) => this.hear(notification));
    onShutdown(() => this.closeAll());
  }

  add(signedIn: SignedIn): Stream | null {
    const own = [...this.open].filter((stream) => stream.actor.personId === signedIn.actor.personId);
    if (own.length >= mostStreamsPerPerson || this.open.size >= mostStreams) return null;
    const stream = new Stream(signedIn, (closed) => this.open.delete(closed));
    this.open.add(stream);
    return stream;
  }

  private of(personId: string): Stream[] {
    return [...this.open].filter((stream) => stream.actor.personId === personId);
  }

  private hear(notification: Notification): void {
    if (this.open.size === 0) return;
    switch (notification.kind) {
      case "gap":
        for (const stream of this.open) stream.send("gap", {});
        return;
      case "sign-out":
        for (const stream of this.of(notification.personId)) void stream.recheck(false);
        return;
      case "event":
        // One after another, so that a browser hears events in the order of their commits.
        this.queue = this.queue.then(() => this.tell(notification));
    }
  }

  private async tell({ type, subjects }: EventNotification): Promise<void> {
    try {
      if (type.startsWith("person.") && subjects["person"]) {
        await Promise.all(this.of(subjects["person"]).map((stream) => stream.recheck(false)));
      }
      let asked: Promise<ReadonlySet<string>> | undefined;
      const concerned = () => (asked ??= concernedBy(subjects));
      for (const stream of [...this.open]) {
        if (await mayHear(stream.actor, type, concerned)) stream.send("change", { type, subjects });
      }
    } catch (error) {
      // Not known who may hear it: nobody does, and all are told that they may have missed something.
      logger.warn({ event: "stream.tell-failed", err: error });
      for (const stream of this.open) stream.send("gap", {});
    }
  }

  private closeAll(): void {
    for (const stream of [...this.open]) stream.close();
  }
}

const kept = globalThis as { curfewStreams?: Streams };

/** Opens the live stream of a browser; null when there are too many already or this process is about to stop. */
export function openStream(signedIn: SignedIn): ReadableStream<Uint8Array> | null {
  if (isShuttingDown()) return null;
  kept.curfewStreams ??= new Streams();
  return kept.curfewStreams.add(signedIn)?.body ?? null;
}
