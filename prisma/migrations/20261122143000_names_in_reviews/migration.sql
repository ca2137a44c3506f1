-- What was reviewed stays what was shown, but for the names of those who answer for it: a person can be forgotten.
CREATE OR REPLACE FUNCTION keep_review_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.identity_id <> OLD.identity_id OR NEW.review_id <> OLD.review_id
    OR (OLD.facts IS NOT NULL AND NEW.facts IS DISTINCT FROM OLD.facts
      AND NEW.facts #- '{owner,name}' #- '{sponsor,name}' #- '{backup,name}' IS DISTINCT FROM OLD.facts #- '{owner,name}' #- '{sponsor,name}' #- '{backup,name}') THEN
    RAISE EXCEPTION 'the population and the facts of a review are frozen';
  END IF;
  RETURN NEW;
END $$;
