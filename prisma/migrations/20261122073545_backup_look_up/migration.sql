-- CreateIndex
CREATE INDEX "identities_backup_id_idx" ON "identities"("backup_id");

-- What the list sorts by and searches, asked for only where it is new: an import writes a million rows, and scoring touches all of them every day.
DROP TRIGGER "identities_keep_sorts" ON "identities";
CREATE OR REPLACE FUNCTION "identities_keep_sorts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.sort_name := lower(left(NEW.name, 256));
  NEW.sort_owner := CASE WHEN NEW.owner_id IS NOT NULL THEN (SELECT lower(left(p.name, 256)) FROM people p WHERE p.id = NEW.owner_id) END;
  NEW.sort_team := CASE WHEN NEW.team_id IS NOT NULL THEN (SELECT lower(left(t.name, 256)) FROM teams t WHERE t.id = NEW.team_id) END;
  NEW.sort_system := CASE WHEN NEW.system_id IS NOT NULL THEN (SELECT lower(left(s.name, 256)) FROM systems s WHERE s.id = NEW.system_id) END;
  NEW.search_text := lower(left(concat_ws(' ', NEW.name, NEW.external_key, NEW.vendor, NEW.description, array_to_string(NEW.tags, ' ')), 2000));
  RETURN NEW;
END $$;
CREATE TRIGGER "identities_keep_sorts_added" BEFORE INSERT ON "identities" FOR EACH ROW EXECUTE FUNCTION "identities_keep_sorts"();
CREATE TRIGGER "identities_keep_sorts_changed" BEFORE UPDATE ON "identities" FOR EACH ROW
  WHEN ((NEW.name, NEW.owner_id, NEW.team_id, NEW.system_id, NEW.external_key, NEW.vendor, NEW.description, NEW.tags)
    IS DISTINCT FROM (OLD.name, OLD.owner_id, OLD.team_id, OLD.system_id, OLD.external_key, OLD.vendor, OLD.description, OLD.tags))
  EXECUTE FUNCTION "identities_keep_sorts"();
