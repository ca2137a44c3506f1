"use client";

import { useActionState, useEffect, useRef } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { TextAreaField } from "@/components/ui/form/fields";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatPlural } from "@/lib/platform/format";
import { idle } from "@/lib/platform/action-state";
import { newId } from "@/lib/platform/ids";
import { writeCommentAction } from "@/lib/requests/actions";
import type { CommentView, ThreadView } from "@/lib/requests/views/thread-types";
import { sayRefusal } from "../refusals";
import styles from "./talk.module.css";

const write = survivingLoss(writeCommentAction);

type TalkProps = { requestId: string; thread: ThreadView };

/** Questions back to the asking side, their answers, and comments. */
export function Talk({ requestId, thread }: TalkProps) {
  const { comments, openQuestions, mayComment, mayAskBack, mayAnswer } = thread;
  if (comments.length === 0 && !mayComment) return null;
  return (
    <Section
      id="talk"
      title="Questions and comments"
      note={openQuestions > 0 ? `${formatPlural(openQuestions, "question")} open. The time to decide goes on meanwhile.` : "Everybody who may see this request may read them. They stay in its evidence."}
    >
      {comments.length === 0 ? null : (
        <ol className={styles.list}>
          {comments.map((comment) => (
            <li key={comment.id}>
              <Said comment={comment} />
              {comment.answers.length > 0 ? (
                <ol className={styles.answers}>
                  {comment.answers.map((answer) => (
                    <li key={answer.id}>
                      <Said comment={answer} />
                    </li>
                  ))}
                </ol>
              ) : null}
              {comment.kind === "question" && comment.answers.length === 0 && mayAnswer ? (
                <Write requestId={requestId} label="Your answer" kinds={[{ kind: "answer", label: "Answer" }]} answersId={comment.id} />
              ) : null}
            </li>
          ))}
        </ol>
      )}
      {mayComment ? (
        <Write
          requestId={requestId}
          label={mayAskBack ? "Ask back, or comment" : "Comment"}
          takesAsk
          kinds={[...(mayAskBack ? [{ kind: "question", label: "Ask the question" }] : []), { kind: "comment", label: "Add the comment" }]}
        />
      ) : null}
    </Section>
  );
}

const verbs: Readonly<Record<CommentView["kind"], string>> = { question: "asks", answer: "answered", comment: "wrote" };

function Said({ comment }: { comment: Omit<CommentView, "answers"> & { readonly answers?: CommentView["answers"] } }) {
  const { by, kind, at, text, answers } = comment;
  return (
    <article className={styles.said} data-open={(kind === "question" && answers?.length === 0) || undefined}>
      <p className={styles.by}>
        <strong>{by.name}</strong> {verbs[kind]} <RelativeTime at={at} />
        {kind === "question" && answers?.length === 0 ? <span className={styles.open}>not answered yet</span> : null}
      </p>
      {text === null ? <p className={styles.erased}>erased after its retention</p> : <p className={styles.text}>{text}</p>}
    </article>
  );
}

type WriteProps = { requestId: string; label: string; kinds: readonly { readonly kind: string; readonly label: string }[]; answersId?: string; /** Where a message's "Ask…" leads. */ takesAsk?: boolean };

function Write({ requestId, label, kinds, answersId, takesAsk = false }: WriteProps) {
  const [state, send, isPending] = useActionState(write, idle);
  const form = useRef<HTMLFormElement>(null);
  // One key until it is stored: a double click, a retry and a lost answer are one comment.
  const key = useRef<string | null>(null);
  useEffect(() => {
    if (state.status !== "done") return;
    key.current = null;
    form.current?.reset();
  }, [state]);
  const say = (data: FormData) => {
    key.current ??= newId();
    data.set("idempotencyKey", key.current);
    send(data);
  };
  const refused = state.status === "refused" ? sayRefusal("comment", state.code, state.detail) : null;
  const errors = state.status === "invalid" ? state.fieldErrors["text"] : refused?.field === "text" ? [refused.text] : undefined;
  const whole =
    refused && refused.field !== "text" ? refused.text
    : state.status === "lost" ? "No answer came back, so it is not known whether it was stored. Send it again: it becomes one comment, not two."
    : state.status === "failed" ? "Something went wrong on our side. What you wrote is kept here. Try again."
    : state.status === "signed-out" ? "You are signed out. What you wrote stays here: sign in in another tab, then send it again."
    : null;
  return (
    // React resets a form after its action; what was refused is kept.
    <form ref={form} action={say} onReset={(event) => (state.status === "done" ? undefined : event.preventDefault())} className={styles.write} noValidate>
      <input type="hidden" name="requestId" value={requestId} />
      {answersId ? <input type="hidden" name="answersId" value={answersId} /> : null}
      <TextAreaField label={label} name="text" data-focus={takesAsk ? "ask" : undefined} rows={2} maxLength={2_000} hint="No passwords or keys." errors={errors} />
      {whole ? (
        <Banner tone="trouble" live>
          {whole}
        </Banner>
      ) : null}
      <div className={styles.buttons}>
        {kinds.map(({ kind, label: text }) => (
          <SubmitButton key={kind} kind="default" size="small" name="kind" value={kind} pendingText="Sending…">
            {text}
          </SubmitButton>
        ))}
      </div>
      <span role="status" className="visually-hidden">
        {isPending ? "Sending" : state.status === "done" ? "Stored" : ""}
      </span>
    </form>
  );
}
