import styles from "./feedback.module.css";

/** A grey bar where text will be; invisible for the first 300 ms. */
export function Bar({ width = "100%", height = 12 }: { width?: number | string; height?: number }) {
  return <span className={styles.bar} style={{ width, height }} />;
}

function Loading({ children }: { children: React.ReactNode }) {
  return (
    <div className={styles.loading} aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading
      </span>
      <div aria-hidden>{children}</div>
    </div>
  );
}

/** Title and sentence of a page. */
export function HeadSkeleton() {
  return (
    <div className={styles.headSkeleton}>
      <Bar width={180} height={22} />
      <Bar width="min(420px, 80%)" height={14} />
    </div>
  );
}

/** Rows as high as the house table's. */
export function RowsSkeleton({ rows = 8 }: { rows?: number }) {
  return <div className={styles.rowsSkeleton} style={{ height: `calc(${rows} * var(--row))` }} />;
}

/** A page that is a list. */
export function ListSkeleton() {
  return (
    <Loading>
      <HeadSkeleton />
      <div className={styles.toolsSkeleton}>
        <Bar width={240} height={28} />
        <Bar width={80} height={28} />
      </div>
      <RowsSkeleton rows={12} />
    </Loading>
  );
}

/** A page about one thing. */
export function DetailSkeleton() {
  return (
    <Loading>
      <HeadSkeleton />
      <div className={styles.blockSkeleton}>
        {["30%", "64%", "52%", "40%", "58%"].map((width) => (
          <Bar key={width} width={width} />
        ))}
      </div>
      <RowsSkeleton rows={5} />
    </Loading>
  );
}
