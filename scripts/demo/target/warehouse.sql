-- Database "warehouse" of the demo's target: staging tables and marts for reports.

REVOKE CONNECT, TEMPORARY ON DATABASE warehouse FROM PUBLIC;
GRANT CONNECT ON DATABASE warehouse TO warehouse_read, warehouse_load, grafana_ro, backup_agent, curfew_connector, curfew_probe;
CREATE EXTENSION pg_stat_statements;

SET ROLE warehouse_owner;
CREATE SCHEMA staging;
CREATE SCHEMA mart;

CREATE TABLE staging.order_lines (loaded_at timestamptz NOT NULL, order_id bigint NOT NULL, sku text NOT NULL, cents bigint NOT NULL);
CREATE TABLE staging.stock_levels (loaded_at timestamptz NOT NULL, sku text NOT NULL, site text NOT NULL, pieces int NOT NULL);
CREATE TABLE mart.daily_revenue (day date PRIMARY KEY, orders int NOT NULL, revenue_cents bigint NOT NULL);
CREATE TABLE mart.product_stock (sku text NOT NULL, site text NOT NULL, pieces int NOT NULL, PRIMARY KEY (sku, site));

INSERT INTO staging.order_lines
  SELECT now() - n * interval '1 hour', n, format('SKU-%s', 1000 + n % 90), 490 + n * 37 % 12000 FROM generate_series(1, 400) n;
INSERT INTO mart.daily_revenue
  SELECT current_date - n, 20 + n * 7 % 31, 90000 + n * 7919 % 210000 FROM generate_series(1, 180) n;
INSERT INTO mart.product_stock
  SELECT format('SKU-%s', 1000 + n), site, n * 13 % 170 FROM generate_series(0, 89) n, unnest(ARRAY['lisbon', 'aarhus']) site;

GRANT USAGE ON SCHEMA mart TO warehouse_read, warehouse_load;
GRANT USAGE ON SCHEMA staging TO warehouse_load;
GRANT SELECT ON ALL TABLES IN SCHEMA mart TO warehouse_read, warehouse_load;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mart TO warehouse_load;
GRANT SELECT, INSERT, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA staging TO warehouse_load;
RESET ROLE;
ANALYZE;
