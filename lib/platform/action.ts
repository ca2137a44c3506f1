import "server-only";
import { refresh } from "next/cache";
import { unstable_rethrow } from "next/navigation";
import type * as z from "zod";
import type { ActionState } from "./action-state";
import { currentCorrelationId } from "./correlation";
import { byField, parseInput, readForm } from "./input";
import { logger } from "./logger";
import type { Result } from "./result";

/** What actions need from above: who is signed in and what they may do. `lib/auth/action.ts` brings it. */
export type ActionDeps<Actor, Permission extends string> = {
  /** The signed-in person, or null. */
  readonly actor: () => Promise<Actor | null>;
  readonly may: (actor: Actor, permission: Permission) => boolean;
  /** Id for the log. */
  readonly idOf: (actor: Actor) => string;
  /** Who could do it, for the refusal's sentence ("approver, owner"). */
  readonly heldBy: (permission: Permission) => string;
  readonly correlationId?: () => Promise<string>;
  readonly refresh?: () => void;
};

/** One server action: its name in the log, who may call it, what it takes and what it does. */
export type ActionOptions<Actor, Permission extends string, Schema extends z.ZodType, Value, Code extends string> = {
  readonly name: string;
  readonly permission: Permission;
  readonly input: Schema;
  readonly run: (context: { actor: Actor; input: z.output<Schema>; correlationId: string }) => Promise<Result<Value, Code>>;
  /** Fields that occur any number of times. */
  readonly lists?: readonly string[];
  /** Fields that are never sent back. */
  readonly secret?: readonly string[];
  /** Longest text of any field. */
  readonly maxLength?: number;
  /** False where the page shows something once that a fresh render would take away. */
  readonly refresh?: boolean;
};

/** A form action, as `useActionState` takes it. */
export type FormAction<Value, Code extends string> = (
  previous: ActionState<Value, Code>,
  form: FormData,
) => Promise<ActionState<Value, Code>>;

function without<Item>(record: Record<string, Item>, names: readonly string[]): Record<string, Item> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

function isForm(form: unknown): form is FormData {
  return form instanceof FormData;
}

/**
 * Makes the builder of server actions: session → permission → schema → `run` → `refresh()` → `ActionState`. The only place
 * where thrown errors meet the browser, as a correlation id. Nothing about the input is said to those who may not act.
 */
export function createAction<Actor, Permission extends string>(deps: ActionDeps<Actor, Permission>) {
  const correlate = deps.correlationId ?? currentCorrelationId;
  const refreshView = deps.refresh ?? refresh;

  return function action<Schema extends z.ZodType, Value, Code extends string>(
    options: ActionOptions<Actor, Permission, Schema, Value, Code>,
  ): FormAction<Value, Code> {
    async function attempt(form: unknown, correlationId: string, seen: { actor?: string }): Promise<ActionState<Value, Code>> {
      const reading = readForm(isForm(form) ? form : [], options);
      const secret = options.secret ?? [];
      const echo = { values: without(reading.values, secret), lists: without(reading.lists, secret) };
      try {
        const actor = await deps.actor();
        if (actor === null) return { status: "signed-out", ...echo };
        seen.actor = deps.idOf(actor);
        if (!deps.may(actor, options.permission)) {
          return { status: "refused", code: "no-permission", detail: { heldBy: deps.heldBy(options.permission) }, ...echo };
        }
        const parsed = parseInput(options.input, { ...reading.values, ...reading.lists });
        if (Object.keys(reading.problems).length > 0 || !parsed.ok) {
          const fieldErrors = { ...(parsed.ok ? {} : byField(parsed.errors)), ...reading.problems };
          return { status: "invalid", fieldErrors, ...echo };
        }
        const result = await options.run({ actor, input: parsed.value, correlationId });
        // Refusals too: most often somebody else was faster, and the page should show what is true now.
        if (options.refresh !== false) refreshView();
        if (result.ok) return { status: "done", value: result.value };
        return { status: "refused", code: result.code, ...(result.detail ? { detail: result.detail } : {}), ...echo };
      } catch (error) {
        unstable_rethrow(error);
        logger.error({ event: "action.fault", action: options.name, correlationId, ...seen, err: error });
        return { status: "failed", correlationId, ...echo };
      }
    }

    return async (_previous, form) => {
      const started = performance.now();
      const correlationId = await correlate();
      const seen: { actor?: string } = {};
      const state = await attempt(form, correlationId, seen);
      const code = state.status === "refused" ? { code: state.code } : {};
      const durationMs = Math.round(performance.now() - started);
      logger.info({ event: "action", action: options.name, outcome: state.status, ...code, ...seen, durationMs, correlationId });
      return state;
    };
  };
}
