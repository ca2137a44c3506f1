import styles from "./names.module.css";

/** A person as the page shows one. */
export type PersonView = { readonly id: string; readonly name: string; readonly hasLeft?: boolean };

type PersonNameProps = {
  person: PersonView;
  /** With a round sign of the initials in front. */
  avatar?: boolean;
  /** Says "you" behind the name. */
  isYou?: boolean;
};

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words.at(0), words.length > 1 ? words.at(-1) : undefined];
  return letters.map((word) => word?.at(0)?.toUpperCase() ?? "").join("");
}

/** A person's name; somebody who has left is struck through and said to have left. */
export function PersonName({ person, avatar = false, isYou = false }: PersonNameProps) {
  return (
    <span className={styles.name}>
      {avatar ? (
        <span className={styles.avatar} aria-hidden>
          {initialsOf(person.name)}
        </span>
      ) : null}
      <span className={person.hasLeft ? styles.left : styles.text}>{person.name}</span>
      {isYou ? <span className={styles.aside}>you</span> : null}
      {person.hasLeft ? <span className={styles.aside}>has left</span> : null}
    </span>
  );
}

/** Says that nobody is there, in words: "no owner". */
export function Nobody({ children }: { children: string }) {
  return <span className={styles.nobody}>{children}</span>;
}
