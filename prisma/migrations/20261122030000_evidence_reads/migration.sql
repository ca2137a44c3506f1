-- Asks that were refused before they became requests stand in the ledger only; the list of evidence reads them by time.
CREATE INDEX event_refused_ask ON ledger.event (occurred_at, id) WHERE type = 'request.refused';
-- Auditors look for a ticket.
CREATE INDEX "requests_ticket_key" ON "requests" ("ticket_key") WHERE "ticket_key" IS NOT NULL;
