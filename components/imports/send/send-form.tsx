"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { FileField } from "@/components/ui/file/file-field";
import { SendingProgress } from "@/components/ui/file/sending-progress";
import { formatBytes } from "@/components/ui/file/sizes";
import { useSending } from "@/components/ui/file/use-sending";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import formStyles from "@/components/ui/form/form.module.css";
import { announceImportAction } from "@/lib/imports/actions";
import { isCompleteByItself, limits, type Mapping, whyNotMapping } from "@/lib/imports/rules";
import { type ImportFormat, importFormats } from "@/lib/imports/types";
import { idle } from "@/lib/platform/action-state";
import { formatWords } from "../words";
import { type Head, lookAt } from "./head";
import { MappingTable } from "./mapping-table";

type System = { readonly id: string; readonly name: string; readonly environment: string };
type Errors = Readonly<Record<string, readonly string[]>>;

/** Chosen for a system that is not here yet. */
const fresh = "new";

const refusals: Readonly<Record<string, string>> = {
  "unknown-system": "This system is not there any more. Nothing was sent.",
  "system-connected": "Curfew is connected to this system and looks by itself; files can only say what it cannot see. Nothing was sent.",
  "name-taken": "There is a system of this name already. Choose it from the list, or another name. Nothing was sent.",
  "name-is-secret": "The name looks like a secret. Nothing was sent: choose another one.",
  "no-permission": "Only administrators import files. Nothing was sent.",
};

/** Chooses a file and what it is, shows what its columns mean, and sends it. */
export function SendForm({ systems }: { systems: readonly System[] }) {
  const router = useRouter();
  const [systemId, setSystemId] = useState(systems.length === 0 ? fresh : "");
  const [file, setFile] = useState<File | null>(null);
  const [head, setHead] = useState<Head | null>(null);
  const [format, setFormat] = useState<ImportFormat | "">("");
  const [mapping, setMapping] = useState<Mapping>({});
  const [errors, setErrors] = useState<Errors>({});
  const [said, setSaid] = useState<string | null>(null);
  const { sending, send: sendFile } = useSending();
  const [isLeaving, setLeaving] = useState(false);

  async function choose(chosen: File | null) {
    setFile(chosen);
    setSaid(null);
    if (!chosen) return;
    const seen = await lookAt(chosen);
    setHead(seen);
    setMapping(seen.mapping);
    setFormat(seen.format ?? "");
  }

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (sending || isLeaving) return;
    const problem = whyNotSend({ systemId, file, format, mapping, head });
    setErrors(problem ?? {});
    if (problem || !file) return;
    const data = new FormData(event.currentTarget);
    data.delete("file");
    if (systemId === fresh) data.delete("systemId");
    data.set("fileName", file.name);
    const asOf = String(data.get("asOf") ?? "");
    data.set("asOf", asOf === "" ? "" : new Date(asOf).toISOString());
    if (format === "curfew-csv" && (head?.records.length ?? 0) > 0) data.set("mapping", JSON.stringify(mapping));
    setSaid(null);
    let importId = "";
    await sendFile(file, async () => {
      const announced = await announceImportAction(idle, data).catch(() => null);
      if (announced?.status === "done") {
        importId = announced.value.importId;
        return `/api/imports/${importId}/file`;
      }
      if (announced?.status === "invalid") setErrors(announced.fieldErrors);
      setSaid(announced === null ? "No answer came back. Nothing was sent: try again." : wordsOf(announced));
      return null;
    });
    if (importId === "") return;
    // The import's own page says how sending ended.
    setLeaving(true);
    router.push(`/systems/imports/${importId}` as Route);
  }

  const isNew = systemId === fresh;
  const needsCoverage = format !== "" && isCompleteByItself(format) === null;
  return (
    <form onSubmit={(event) => void send(event)} noValidate className={formStyles.form}>
      <fieldset className={formStyles.group}>
        <legend>The system that it is about</legend>
        {systems.length > 0 ? (
          <ChoiceField label="System" name="systemId" value={systemId} onChange={(event) => setSystemId(event.currentTarget.value)} errors={errors["systemId"]} data={[{ value: "", label: "choose" }, ...systems.map(({ id, name, environment }) => ({ value: id, label: `${name} (${environment})` })), { value: fresh, label: "A system that is not here yet" }]} />
        ) : null}
        {isNew ? (
          <div className={formStyles.pair}>
            <TextField label="Name" name="systemName" placeholder="aws-production" errors={errors["systemName"]} autoComplete="off" />
            <TextField label="Environment" name="environment" placeholder="production" errors={errors["environment"]} autoComplete="off" />
          </div>
        ) : null}
      </fieldset>
      <fieldset className={formStyles.group}>
        <legend>The file</legend>
        <FileField
          id="import-file"
          onChoose={(chosen) => void choose(chosen)}
          error={errors["file"]?.[0]}
          note={<>{errors["file"] ? null : `Text or gzip, unpacked up to ${formatBytes(limits.bytes)}. `}<a href="/import-template.csv" download>Template of the plain CSV</a></>}
        />
        <ChoiceField
          label="Format"
          name="format"
          value={format}
          onChange={(event) => setFormat(importFormats.find((known) => known === event.currentTarget.value) ?? "")}
          errors={errors["format"]}
          hint={format === "" ? "Recognised from the file where possible." : formatWords[format].from}
          data={[{ value: "", label: "choose" }, ...importFormats.map((value) => ({ value, label: formatWords[value].name }))]}
        />
        {head?.format && format !== "" && head.format !== format ? (
          <Banner tone="warning" action={<Button size="small" onClick={() => setFormat(head.format ?? "")}>Use that</Button>}>
            This looks like: {formatWords[head.format].name}.
          </Banner>
        ) : null}
        {needsCoverage ? (
          <ChoiceField
            label="What it lists"
            name="coverage"
            defaultValue="part"
            data={[
              { value: "part", label: "A part: nothing vanishes by it" },
              { value: "all", label: "Everything: what is missing has vanished" },
            ]}
          />
        ) : null}
        <TextField label="When it was made" name="asOf" type="datetime-local" hint="Your time. Empty: now. Of two files that say different things, the later one counts." errors={errors["asOf"]} />
      </fieldset>
      {format === "curfew-csv" && head && head.records.length > 0 ? (
        <fieldset className={formStyles.group}>
          <legend>What its columns mean</legend>
          {errors["mapping"] ? <Banner tone="trouble" live>{errors["mapping"][0]}</Banner> : null}
          <MappingTable records={head.records} mapping={mapping} onChange={setMapping} />
        </fieldset>
      ) : null}
      {said ? <Banner tone="trouble" live>{said}</Banner> : null}
      {sending && file ? <SendingProgress sending={sending} size={file.size} /> : <Button type="submit" kind="primary" disabled={isLeaving}>Send file</Button>}
    </form>
  );
}

type Choice = { readonly systemId: string; readonly file: File | null; readonly format: string; readonly mapping: Mapping; readonly head: Head | null };

function whyNotSend({ systemId, file, format, mapping, head }: Choice): Errors | null {
  if (systemId === "") return { systemId: ["Say which system this file is about."] };
  if (!file) return { file: ["Choose a file."] };
  if (file.size === 0) return { file: ["This file is empty."] };
  if (file.size > limits.bytes) return { file: [`This file is larger than ${formatBytes(limits.bytes)}. Pack it with gzip, or cut it into parts.`] };
  if (format === "") return { format: ["Say what kind of file it is."] };
  const isMapped = format === "curfew-csv" && (head?.records.length ?? 0) > 0;
  return isMapped && whyNotMapping(mapping) === "name-missing" ? { mapping: ["One column must be the name or the id of the identity."] } : null;
}

function wordsOf(state: { readonly status: string; readonly code?: string; readonly correlationId?: string }): string {
  if (state.status === "refused") return refusals[state.code ?? ""] ?? "This was refused. Nothing was sent.";
  if (state.status === "signed-out") return "You are signed out. Sign in again to go on; nothing was sent.";
  if (state.status === "invalid") return "Some of it is not as expected; nothing was sent.";
  return `Something went wrong on our side. Nothing was sent: try again. Id: ${state.correlationId ?? "none"}`;
}
