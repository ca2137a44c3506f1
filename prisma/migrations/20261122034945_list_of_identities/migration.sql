-- Substring search reads an index of trigrams. The extension is a trusted one: whoever owns the database may add it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- AlterTable
ALTER TABLE "identities" ADD COLUMN     "search_text" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "sort_name" TEXT COLLATE "C" NOT NULL DEFAULT '',
ADD COLUMN     "sort_owner" TEXT COLLATE "C",
ADD COLUMN     "sort_system" TEXT COLLATE "C",
ADD COLUMN     "sort_team" TEXT COLLATE "C";

-- CreateTable
CREATE TABLE "saved_views" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "list" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "is_shared" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "saved_views_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identity_counts" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "system_id" UUID,
    "is_owned" BOOLEAN NOT NULL,
    "is_vanished" BOOLEAN NOT NULL,
    "difference" INTEGER NOT NULL,

    CONSTRAINT "identity_counts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identity_tallies" (
    "id" BIGSERIAL NOT NULL,
    "dimension" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "difference" INTEGER NOT NULL,

    CONSTRAINT "identity_tallies_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "saved_views_person_id_list_name_key" ON "saved_views"("person_id", "list", "name");

-- CreateIndex
CREATE INDEX "identities_sponsor_id_idx" ON "identities"("sponsor_id");

-- CreateIndex
CREATE INDEX "identities_team_id_idx" ON "identities"("team_id");

-- CreateIndex
CREATE INDEX "identities_sort_name_id_idx" ON "identities"("sort_name", "id");

-- CreateIndex
CREATE INDEX "identities_kind_id_idx" ON "identities"("kind", "id");

-- CreateIndex
CREATE INDEX "identities_environment_id_idx" ON "identities"("environment", "id");

-- CreateIndex
CREATE INDEX "identities_state_id_idx" ON "identities"("state", "id");

-- CreateIndex
CREATE INDEX "identities_sort_owner_id_idx" ON "identities"("sort_owner", "id");

-- CreateIndex
CREATE INDEX "identities_sort_team_id_idx" ON "identities"("sort_team", "id");

-- CreateIndex
CREATE INDEX "identities_sort_system_id_idx" ON "identities"("sort_system", "id");

-- CreateIndex
CREATE INDEX "identities_staleness_id_idx" ON "identities"("staleness", "id");

-- CreateIndex
CREATE INDEX "identities_exposure_id_idx" ON "identities"("exposure", "id");

-- CreateIndex
CREATE INDEX "identities_first_seen_at_id_idx" ON "identities"("first_seen_at", "id");

-- CreateIndex
CREATE INDEX "identities_credential_count_id_idx" ON "identities"("credential_count", "id");

-- CreateIndex
CREATE INDEX "identities_entitlement_count_id_idx" ON "identities"("entitlement_count", "id");

-- CreateIndex
CREATE INDEX "identities_search_text_idx" ON "identities" USING GIN ("search_text" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "identities_tags_idx" ON "identities" USING GIN ("tags");

-- AddForeignKey
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the list sorts by and searches. COLLATE "C" lets one index both sort by a name and find its first letters.
CREATE FUNCTION "identities_keep_sorts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.name IS DISTINCT FROM OLD.name THEN
    NEW.sort_name := lower(left(NEW.name, 256));
  END IF;
  IF TG_OP = 'INSERT' OR NEW.owner_id IS DISTINCT FROM OLD.owner_id THEN
    NEW.sort_owner := (SELECT lower(left(p.name, 256)) FROM people p WHERE p.id = NEW.owner_id);
  END IF;
  IF TG_OP = 'INSERT' OR NEW.team_id IS DISTINCT FROM OLD.team_id THEN
    NEW.sort_team := (SELECT lower(left(t.name, 256)) FROM teams t WHERE t.id = NEW.team_id);
  END IF;
  IF TG_OP = 'INSERT' OR NEW.system_id IS DISTINCT FROM OLD.system_id THEN
    NEW.sort_system := (SELECT lower(left(s.name, 256)) FROM systems s WHERE s.id = NEW.system_id);
  END IF;
  IF TG_OP = 'INSERT' OR (NEW.name, NEW.external_key, NEW.vendor, NEW.description, NEW.tags) IS DISTINCT FROM (OLD.name, OLD.external_key, OLD.vendor, OLD.description, OLD.tags) THEN
    NEW.search_text := lower(left(concat_ws(' ', NEW.name, NEW.external_key, NEW.vendor, NEW.description, array_to_string(NEW.tags, ' ')), 2000));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "identities_keep_sorts" BEFORE INSERT OR UPDATE ON "identities" FOR EACH ROW EXECUTE FUNCTION "identities_keep_sorts"();

-- A new name of an owner, a team or a system moves what is sorted by it.
CREATE FUNCTION "people_move_identities"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE identities SET sort_owner = lower(left(NEW.name, 256)) WHERE owner_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER "people_move_identities" AFTER UPDATE OF "name" ON "people" FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION "people_move_identities"();
CREATE FUNCTION "teams_move_identities"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE identities SET sort_team = lower(left(NEW.name, 256)) WHERE team_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER "teams_move_identities" AFTER UPDATE OF "name" ON "teams" FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION "teams_move_identities"();
CREATE FUNCTION "systems_move_identities"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE identities SET sort_system = lower(left(NEW.name, 256)) WHERE system_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER "systems_move_identities" AFTER UPDATE OF "name" ON "systems" FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION "systems_move_identities"();

-- Counts as differences, once for each statement: writers of many identities never wait for each other's count.
CREATE FUNCTION "identities_count"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO identity_counts (kind, environment, state, source, system_id, is_owned, is_vanished, difference)
      SELECT kind, environment, state, source, system_id, owner_id IS NOT NULL, vanished_at IS NOT NULL, count(*) FROM added GROUP BY 1, 2, 3, 4, 5, 6, 7;
    INSERT INTO identity_tallies (dimension, value, difference)
      SELECT d.dimension, d.value, count(*) FROM added i CROSS JOIN LATERAL (
        SELECT 'owner', i.owner_id::text WHERE i.owner_id IS NOT NULL UNION ALL SELECT 'team', i.team_id::text WHERE i.team_id IS NOT NULL
        UNION ALL SELECT DISTINCT 'tag', unnest(i.tags)) AS d (dimension, value) GROUP BY 1, 2;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO identity_counts (kind, environment, state, source, system_id, is_owned, is_vanished, difference)
      SELECT kind, environment, state, source, system_id, owner_id IS NOT NULL, vanished_at IS NOT NULL, -count(*) FROM removed GROUP BY 1, 2, 3, 4, 5, 6, 7;
    INSERT INTO identity_tallies (dimension, value, difference)
      SELECT d.dimension, d.value, -count(*) FROM removed i CROSS JOIN LATERAL (
        SELECT 'owner', i.owner_id::text WHERE i.owner_id IS NOT NULL UNION ALL SELECT 'team', i.team_id::text WHERE i.team_id IS NOT NULL
        UNION ALL SELECT DISTINCT 'tag', unnest(i.tags)) AS d (dimension, value) GROUP BY 1, 2;
  ELSE
    INSERT INTO identity_counts (kind, environment, state, source, system_id, is_owned, is_vanished, difference)
      SELECT kind, environment, state, source, system_id, owner_id IS NOT NULL, vanished_at IS NOT NULL, sum(n)
      FROM (SELECT *, 1 AS n FROM added UNION ALL SELECT *, -1 FROM removed) i GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0;
    INSERT INTO identity_tallies (dimension, value, difference)
      SELECT d.dimension, d.value, sum(i.n) FROM (SELECT *, 1 AS n FROM added UNION ALL SELECT *, -1 FROM removed) i CROSS JOIN LATERAL (
        SELECT 'owner', i.owner_id::text WHERE i.owner_id IS NOT NULL UNION ALL SELECT 'team', i.team_id::text WHERE i.team_id IS NOT NULL
        UNION ALL SELECT DISTINCT 'tag', unnest(i.tags)) AS d (dimension, value) GROUP BY 1, 2 HAVING sum(i.n) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "identities_count_added" AFTER INSERT ON "identities" REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "identities_count"();
CREATE TRIGGER "identities_count_removed" AFTER DELETE ON "identities" REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION "identities_count"();
CREATE TRIGGER "identities_count_changed" AFTER UPDATE ON "identities" REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "identities_count"();

-- What few identities are: small, and read where a filter asks for them.
CREATE INDEX "identities_vanished" ON "identities" ("vanished_at", "id") WHERE "vanished_at" IS NOT NULL;
CREATE INDEX "identities_shared" ON "identities" ("id") WHERE "is_shared";
CREATE INDEX "identities_standing" ON "identities" ("id") WHERE "standing_count" > 0;

-- What stands there already; the counts as they are now, then every change by the triggers.
INSERT INTO identity_counts (kind, environment, state, source, system_id, is_owned, is_vanished, difference)
  SELECT kind, environment, state, source, system_id, owner_id IS NOT NULL, vanished_at IS NOT NULL, count(*) FROM identities GROUP BY 1, 2, 3, 4, 5, 6, 7;
INSERT INTO identity_tallies (dimension, value, difference)
  SELECT d.dimension, d.value, count(*) FROM identities i CROSS JOIN LATERAL (
    SELECT 'owner', i.owner_id::text WHERE i.owner_id IS NOT NULL UNION ALL SELECT 'team', i.team_id::text WHERE i.team_id IS NOT NULL
    UNION ALL SELECT DISTINCT 'tag', unnest(i.tags)) AS d (dimension, value) GROUP BY 1, 2;
UPDATE identities i SET
  sort_name = lower(left(i.name, 256)),
  sort_owner = (SELECT lower(left(p.name, 256)) FROM people p WHERE p.id = i.owner_id),
  sort_team = (SELECT lower(left(t.name, 256)) FROM teams t WHERE t.id = i.team_id),
  sort_system = (SELECT lower(left(s.name, 256)) FROM systems s WHERE s.id = i.system_id),
  search_text = lower(left(concat_ws(' ', i.name, i.external_key, i.vendor, i.description, array_to_string(i.tags, ' ')), 2000));
