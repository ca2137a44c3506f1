-- Database "orders" of the demo's target: a shop's customers, orders, payments and shipments. All names are made up.

REVOKE CONNECT, TEMPORARY ON DATABASE orders FROM PUBLIC;
GRANT CONNECT ON DATABASE orders TO orders_read, orders_write, orders_admin, payments_read,
  svc_shipping, svc_payments, mailer, grafana_ro, backup_agent, curfew_connector, curfew_probe;
CREATE EXTENSION pg_stat_statements;

-- Reads the server's log and nothing else, for sign-ins: made by the superuser, so that nobody else can answer in its place.
CREATE SCHEMA curfew_log;
CREATE FUNCTION curfew_log.read(file text, start bigint, bytes bigint) RETURNS bytea
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT pg_read_binary_file(current_setting('log_directory') || '/' || file, start, least(bytes, 1048576), true)
        WHERE EXISTS (SELECT FROM pg_ls_logdir() WHERE name = file) $$;
REVOKE ALL ON FUNCTION curfew_log.read FROM PUBLIC;
GRANT USAGE ON SCHEMA curfew_log TO curfew_connector;
GRANT EXECUTE ON FUNCTION curfew_log.read TO curfew_connector;

SET ROLE orders_owner;
CREATE SCHEMA sales;
CREATE SCHEMA billing;
CREATE SCHEMA logistics;

CREATE TABLE sales.customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  city text NOT NULL,
  country char(2) NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE sales.orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES sales.customers,
  status text NOT NULL CHECK (status IN ('open', 'paid', 'shipped', 'returned', 'cancelled')),
  currency char(3) NOT NULL,
  placed_at timestamptz NOT NULL
);
CREATE TABLE sales.order_items (
  order_id bigint NOT NULL REFERENCES sales.orders,
  line int NOT NULL,
  sku text NOT NULL,
  quantity int NOT NULL CHECK (quantity > 0),
  unit_cents bigint NOT NULL,
  PRIMARY KEY (order_id, line)
);
CREATE TABLE billing.payments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES sales.orders,
  method text NOT NULL,
  amount_cents bigint NOT NULL,
  paid_at timestamptz NOT NULL
);
CREATE TABLE billing.refunds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id bigint NOT NULL REFERENCES billing.payments,
  reason text NOT NULL,
  amount_cents bigint NOT NULL,
  refunded_at timestamptz NOT NULL
);
CREATE TABLE logistics.shipments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES sales.orders,
  carrier text NOT NULL,
  tracking text NOT NULL UNIQUE,
  shipped_at timestamptz NOT NULL,
  delivered_at timestamptz
);
CREATE INDEX ON sales.orders (customer_id);
CREATE INDEX ON sales.orders (placed_at);
CREATE INDEX ON billing.payments (order_id);
CREATE INDEX ON logistics.shipments (order_id);

CREATE VIEW sales.open_orders AS
  SELECT o.id, c.name AS customer, o.placed_at, sum(i.quantity * i.unit_cents) AS total_cents
    FROM sales.orders o JOIN sales.customers c ON c.id = o.customer_id JOIN sales.order_items i ON i.order_id = o.id
   WHERE o.status = 'open' GROUP BY o.id, c.name, o.placed_at;
CREATE FUNCTION sales.order_total(wanted bigint) RETURNS bigint LANGUAGE sql STABLE AS
  $$ SELECT coalesce(sum(quantity * unit_cents), 0)::bigint FROM sales.order_items WHERE order_id = wanted $$;

INSERT INTO sales.customers (name, email, city, country, created_at)
  SELECT format('%s %s', first, last), lower(format('%s.%s.%s@customers.example', first, last, n)), city, country,
         now() - (n * 31 % 900) * interval '1 day'
    FROM generate_series(1, 240) n,
    LATERAL (SELECT (ARRAY['Amara','Bela','Carlos','Dilnoza','Emeka','Freja','Goran','Hana','Ines','Jonas','Kofi','Leila'])[1 + n % 12] AS first,
                    (ARRAY['Adler','Bakker','Costa','Dahl','Eze','Farkas','Garcia','Haas','Ito','Jensen','Kaya'])[1 + n % 11] AS last,
                    (ARRAY['Lisbon','Ghent','Aarhus','Graz','Porto','Lyon','Turin'])[1 + n % 7] AS city,
                    (ARRAY['PT','BE','DK','AT','PT','FR','IT'])[1 + n % 7] AS country) made;
INSERT INTO sales.orders (customer_id, status, currency, placed_at)
  SELECT 1 + n * 7 % 240, (ARRAY['shipped','shipped','paid','shipped','open','returned','paid','cancelled'])[1 + n % 8],
         (ARRAY['EUR','EUR','EUR','DKK'])[1 + n % 4], now() - (700 - n) * interval '5 hours'
    FROM generate_series(1, 700) n;
INSERT INTO sales.order_items (order_id, line, sku, quantity, unit_cents)
  SELECT o.id, line, format('SKU-%s', 1000 + (o.id * line) % 90), 1 + (o.id + line)::int % 3, 490 + (o.id * 37 * line) % 12000
    FROM sales.orders o, generate_series(1, 1 + o.id::int % 3) line;
INSERT INTO billing.payments (order_id, method, amount_cents, paid_at)
  SELECT o.id, (ARRAY['card','card','sepa','wallet'])[1 + o.id % 4], sales.order_total(o.id), o.placed_at + interval '4 minutes'
    FROM sales.orders o WHERE o.status IN ('paid', 'shipped', 'returned');
INSERT INTO billing.refunds (payment_id, reason, amount_cents, refunded_at)
  SELECT p.id, 'returned', p.amount_cents, p.paid_at + interval '9 days'
    FROM billing.payments p JOIN sales.orders o ON o.id = p.order_id WHERE o.status = 'returned';
INSERT INTO logistics.shipments (order_id, carrier, tracking, shipped_at, delivered_at)
  SELECT o.id, (ARRAY['Acme Logistics','Nordpost','Parcelline'])[1 + o.id % 3], format('TRK%s', 700000 + o.id * 13),
         o.placed_at + interval '1 day', CASE WHEN o.id % 5 > 0 THEN o.placed_at + interval '3 days' END
    FROM sales.orders o WHERE o.status IN ('shipped', 'returned');

GRANT USAGE ON SCHEMA sales TO orders_read, orders_write, orders_admin, mailer, svc_shipping;
GRANT USAGE ON SCHEMA billing TO payments_read, svc_payments;
GRANT USAGE ON SCHEMA logistics TO orders_read, orders_admin, svc_shipping;
GRANT SELECT ON ALL TABLES IN SCHEMA sales, logistics TO orders_read, orders_admin;
GRANT SELECT, INSERT, UPDATE ON sales.orders, sales.order_items TO orders_write;
GRANT SELECT ON sales.customers TO orders_write;
GRANT INSERT, UPDATE, DELETE ON sales.orders, sales.order_items, logistics.shipments TO orders_admin;
GRANT SELECT ON ALL TABLES IN SCHEMA billing TO payments_read;
-- Granted to a login itself, past all groups: what years of "just for now" look like.
GRANT SELECT, INSERT, UPDATE ON logistics.shipments TO svc_shipping;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA billing TO svc_payments;
GRANT SELECT (id, name, email) ON sales.customers TO mailer;
REVOKE EXECUTE ON FUNCTION sales.order_total FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sales.order_total TO orders_read, orders_write, orders_admin;
RESET ROLE;
ANALYZE;
