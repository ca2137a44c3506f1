-- AlterTable
ALTER TABLE "requests" ADD COLUMN     "sensitivity" TEXT NOT NULL DEFAULT 'critical';

-- The highest sensitivity of what a request asks for: "critical" where nothing is left of it.
CREATE FUNCTION "requests_keep_sensitivity"("ids" uuid[]) RETURNS void LANGUAGE sql AS $$
  WITH now_true AS (
    SELECT r."id", coalesce((array['low', 'medium', 'high', 'critical'])[max(array_position(array['low', 'medium', 'high', 'critical'], e."sensitivity"))], 'critical') AS "sensitivity"
    FROM "requests" r LEFT JOIN "request_entitlements" x ON x."request_id" = r."id" AND x."left_out_at" IS NULL LEFT JOIN "entitlements" e ON e."id" = x."entitlement_id"
    WHERE r."id" = ANY (ids) GROUP BY r."id"
  )
  UPDATE "requests" r SET "sensitivity" = n."sensitivity" FROM now_true n WHERE n."id" = r."id" AND r."sensitivity" <> n."sensitivity"
$$;

CREATE FUNCTION "request_entitlements_keep_sensitivity"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM "requests_keep_sensitivity"(array[OLD."request_id"]);
  ELSE
    PERFORM "requests_keep_sensitivity"(array[NEW."request_id"]);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "request_entitlements_keep_sensitivity" AFTER INSERT OR DELETE OR UPDATE OF "left_out_at" ON "request_entitlements"
  FOR EACH ROW EXECUTE FUNCTION "request_entitlements_keep_sensitivity"();

CREATE FUNCTION "entitlements_move_requests"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- In one order, as whoever else locks several requests.
  PERFORM FROM "requests" r WHERE r."state" = 'pending' AND r."id" IN (SELECT x."request_id" FROM "request_entitlements" x WHERE x."entitlement_id" = NEW."id") ORDER BY r."id" FOR NO KEY UPDATE;
  PERFORM "requests_keep_sensitivity"(array(SELECT r."id" FROM "requests" r JOIN "request_entitlements" x ON x."request_id" = r."id" WHERE x."entitlement_id" = NEW."id" AND r."state" = 'pending'));
  RETURN NULL;
END $$;

CREATE TRIGGER "entitlements_move_requests" AFTER UPDATE OF "sensitivity" ON "entitlements"
  FOR EACH ROW WHEN (OLD."sensitivity" IS DISTINCT FROM NEW."sensitivity") EXECUTE FUNCTION "entitlements_move_requests"();

SELECT "requests_keep_sensitivity"(array(SELECT "id" FROM "requests" WHERE "state" = 'pending'));

CREATE INDEX "requests_waiting_by_sensitivity" ON "requests" ("sensitivity", (-"risk"), "submitted_at", "id") WHERE "state" = 'pending';
