-- CreateTable
CREATE TABLE "evidence_marks" (
    "mark" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "request_id" UUID NOT NULL,
    "subject_id" UUID NOT NULL,

    CONSTRAINT "evidence_marks_pkey" PRIMARY KEY ("mark","asked_at","request_id","subject_id")
);
ALTER TABLE "evidence_marks" SET (parallel_workers = 0);

-- A mark belongs to one row of its table and changes with it: whoever changes that row holds its lock, and no two write one mark.
CREATE FUNCTION mark_evidence(wanted text, request uuid, subject uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO evidence_marks (mark, asked_at, request_id, subject_id)
    SELECT wanted, r.submitted_at, r.id, subject FROM requests r WHERE r.id = request ON CONFLICT DO NOTHING;
$$;
CREATE FUNCTION unmark_evidence(unwanted text, request uuid, subject uuid) RETURNS void LANGUAGE sql AS $$
  DELETE FROM evidence_marks m USING requests r
    WHERE r.id = request AND m.mark = unwanted AND m.asked_at = r.submitted_at AND m.request_id = r.id AND m.subject_id = subject;
$$;

-- All states but those that nearly every grant is in.
CREATE FUNCTION mark_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state NOT IN ('active', 'proven') THEN PERFORM unmark_evidence('grant:' || OLD.state, OLD.request_id, OLD.id); END IF;
  IF NEW.state NOT IN ('active', 'proven') THEN PERFORM mark_evidence('grant:' || NEW.state, NEW.request_id, NEW.id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER grants_mark_new AFTER INSERT ON "grants" FOR EACH ROW EXECUTE FUNCTION mark_grant();
CREATE TRIGGER grants_mark AFTER UPDATE OF "state" ON "grants" FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION mark_grant();

-- A broken seal is broken, whatever else is known of it.
CREATE FUNCTION seal_mark(state text, broken_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN broken_at IS NOT NULL THEN 'seal:broken' WHEN state <> 'complete' THEN 'seal:' || state END;
$$;
CREATE FUNCTION mark_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was text := CASE WHEN TG_OP = 'UPDATE' THEN seal_mark(OLD.state, OLD.broken_at) END;
  becomes text := seal_mark(NEW.state, NEW.broken_at);
BEGIN
  IF was IS NOT DISTINCT FROM becomes THEN RETURN NULL; END IF;
  IF was IS NOT NULL THEN PERFORM unmark_evidence(was, OLD.request_id, OLD.request_id); END IF;
  IF becomes IS NOT NULL THEN PERFORM mark_evidence(becomes, NEW.request_id, NEW.request_id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER chain_checks_mark AFTER INSERT OR UPDATE OF "state", "broken_at" ON "chain_checks" FOR EACH ROW EXECUTE FUNCTION mark_seal();

-- About a grant, or about a whole request.
CREATE FUNCTION request_of_finding(grant_id uuid, detail jsonb) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN grant_id IS NOT NULL THEN (SELECT g.request_id FROM grants g WHERE g.id = grant_id)
    WHEN detail ->> 'requestId' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN (detail ->> 'requestId')::uuid END;
$$;
CREATE FUNCTION mark_finding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.closed_at IS NULL THEN PERFORM unmark_evidence('finding:' || OLD.kind, request_of_finding(OLD.grant_id, OLD.detail), OLD.id); END IF;
  IF NEW.closed_at IS NULL THEN PERFORM mark_evidence('finding:' || NEW.kind, request_of_finding(NEW.grant_id, NEW.detail), NEW.id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER findings_mark_new AFTER INSERT ON "findings" FOR EACH ROW EXECUTE FUNCTION mark_finding();
CREATE TRIGGER findings_mark AFTER UPDATE OF "closed_at", "grant_id", "detail" ON "findings" FOR EACH ROW
  WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at OR OLD.grant_id IS DISTINCT FROM NEW.grant_id OR OLD.detail IS DISTINCT FROM NEW.detail) EXECUTE FUNCTION mark_finding();

-- Many come at once, and none takes the mark back: that a session has another guess would have to be asked each time. In one order, so
-- that two writers never wait for each other.
CREATE FUNCTION mark_uses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO evidence_marks (mark, asked_at, request_id, subject_id)
    SELECT DISTINCT 'match:inferred', r.submitted_at, r.id, g.id FROM written u JOIN grants g ON g.id = u.grant_id JOIN requests r ON r.id = g.request_id
    WHERE u.match = 'inferred' ORDER BY 2, 3, 4 ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER uses_mark_new AFTER INSERT ON "uses" REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mark_uses();
CREATE TRIGGER uses_mark AFTER UPDATE ON "uses" REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mark_uses();

-- What is there already.
INSERT INTO evidence_marks (mark, asked_at, request_id, subject_id)
  SELECT 'grant:' || g.state, r.submitted_at, r.id, g.id FROM grants g JOIN requests r ON r.id = g.request_id WHERE g.state NOT IN ('active', 'proven')
  UNION SELECT seal_mark(c.state, c.broken_at), r.submitted_at, r.id, r.id FROM chain_checks c JOIN requests r ON r.id = c.request_id WHERE seal_mark(c.state, c.broken_at) IS NOT NULL
  UNION SELECT 'finding:' || f.kind, r.submitted_at, r.id, f.id FROM findings f JOIN requests r ON r.id = request_of_finding(f.grant_id, f.detail) WHERE f.closed_at IS NULL
  UNION SELECT 'match:inferred', r.submitted_at, r.id, g.id FROM uses u JOIN grants g ON g.id = u.grant_id JOIN requests r ON r.id = g.request_id WHERE u.match = 'inferred';
