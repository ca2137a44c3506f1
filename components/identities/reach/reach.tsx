"use client";

import dynamic from "next/dynamic";
import { useEffect, useRef, useState } from "react";
import { Section } from "@/components/ui/page/section";
import styles from "./reach.module.css";

const ReachPanel = dynamic(() => import("./reach-panel").then((module) => module.ReachPanel), { ssr: false, loading: () => <div className={styles.waiting} /> });

type ReachProps = { identityId: string; maySeeSystems: boolean };

/** What an identity can reach, as a graph with a table beside it. Nothing of it is loaded before it is looked at. */
export function Reach(props: ReachProps) {
  const place = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: "200px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <Section title={<span id="reach">Reach</span>} note="Identity, entitlements, systems: what would be in other hands if this identity were.">
      <div ref={place}>{isSeen ? <ReachPanel {...props} /> : <div className={styles.waiting} />}</div>
    </Section>
  );
}
