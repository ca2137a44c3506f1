import "server-only";

/** What stands in front of a bundle, for whoever opens it without Curfew. The same for every bundle of one version. */
export const readme = `Evidence of access, by Curfew
=============================

This archive says for each request of a non-human identity who asked, why, who allowed it, what was issued, when it ended and
how that was proven. It can be checked without Curfew and without a network:

    node verify/verify.mjs <this archive>

needs Node.js 18 or later and nothing else. Better than the copy in here is one that you took from a source that you trust
(scripts/verify/single-file.mjs of Curfew's source makes it), or "npx curfew verify", or the page /verify of any Curfew, which reads the file in
your browser and sends it nowhere. With

    --key <verifier key>      the key that your own monitor, mailbox or witness knows the log by
    --checkpoint <file>       a checkpoint that you kept

it also says whether the log is the one that you know. Without them it proves that everything in here belongs together and was
signed by the keys in keys/; whose keys those are, only you can say.

What is in it
-------------

report-card.json          what was asked for, of which moment, how many rows, what is left out and what cannot be seen
chains.csv, chains.jsonl  one row per entitlement asked for, and per grant
log/entries.jsonl         one line per position of the log: the event, where it belongs to these chains, else its hash
log/range.json            the positions, and the hashes that give the log's root together with them
log/locator.bin           each entry's hash in four bytes: says where something was changed, proves nothing
log/checkpoint.txt        the signed root of the log (C2SP tlog-checkpoint)
log/consistency-from-previous.txt   that the log only grew since the checkpoint that was sent out of the house before
log/time-stamps/          what timestamp authorities signed over that checkpoint's text (RFC 3161), where there is any; the verifier
                          does not know their certificates, OpenSSL does:
                          openssl ts -verify -token_in -in <size>-1.tst -data <size>.txt -CAfile <the authority's>
clear.jsonl               names and free text, with the salts of the hashes that events hold of them
passkey-proofs.jsonl      what passkeys signed (WebAuthn)
policies.jsonl            the policies as they were
tickets.jsonl             what ticket systems answered
reconciliation/           lists of what is on one side only
sample/                   records that were drawn by an auditor's nonce, with a proof for each event (C2SP tlog-proof)
keys/                     verifier keys, with the proof that the log announced them
verify/verify.mjs         the verifier
manifest.dsse.json        the signature over every file in here (DSSE, in-toto)

What it does not say: that Curfew saw everything that happened, and what stands behind an entry that is shown by its hash only.
Choose any such position and ask for its bytes: their SHA-256, with a zero byte before them, has to be the hash in here.
`;
