import type { Metadata } from "next";
import { VerifyForm } from "@/components/evidence/verify/verify-form";
import styles from "@/components/evidence/verify/verify.module.css";

export const metadata: Metadata = { title: "Verify a bundle" };

export default function VerifyPage() {
  return (
    <>
      <h1 className={styles.title}>Verify a bundle of evidence</h1>
      <p className={styles.text}>
        Choose a bundle that Curfew exported. It is read here, in your browser, and is sent nowhere. You see the first thing that is
        wrong, what is proven, and what is not.
      </p>
      <VerifyForm />
      <section className={styles.other} aria-labelledby="elsewhere">
        <h2 id="elsewhere" className={styles.subtitle}>
          Rather not trust this page?
        </h2>
        <p className={styles.text}>
          Run the same checks on a machine of yours, with Node.js 18 or later and without a network:{" "}
          <code className={styles.code}>node verify.mjs BUNDLE.zip</code>. The program is one file without dependencies:{" "}
          <a href="/verify.mjs" download="verify.mjs">
            download verify.mjs
          </a>{" "}
          and read it. A copy is in each bundle; one that you took before you got the bundle is better.
        </p>
      </section>
    </>
  );
}
