-- Roles of the demo's target: a cluster as companies have it, grown over years. Runs as superuser, may run again.

DO $$
DECLARE
  name text;
BEGIN
  -- Nobody can sign in as these: owners, group roles, and the attic for what sessions leave behind.
  FOREACH name IN ARRAY ARRAY['orders_owner', 'warehouse_owner', 'orders_read', 'orders_write', 'orders_admin',
                              'payments_read', 'warehouse_read', 'warehouse_load', 'curfew_attic'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN EXECUTE format('CREATE ROLE %I NOLOGIN', name); END IF;
  END LOOP;
  FOREACH name IN ARRAY ARRAY['billing_sync', 'report_nightly', 'deploy_bot', 'legacy_etl', 'etl_2019', 'vendor_acme',
                              'svc_checkout', 'svc_shipping', 'svc_payments', 'agent_support', 'agent_pricing',
                              'nightly_backfill', 'metabase', 'grafana_ro', 'airflow_loader', 'dbt_runner', 'backup_agent',
                              'replica_eu', 'debug_tmp', 'jenkins_old', 'zapier_hook', 'fraud_scorer', 'inventory_sync',
                              'mailer', 'ops_console', 'loadtest_q3', 'coupon_import', 'partner_feed', 'old_forecast',
                              'stock_export', 'newsletter_2021', 'curfew_connector', 'curfew_probe'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN EXECUTE format('CREATE ROLE %I LOGIN', name); END IF;
  END LOOP;
END $$;

COMMENT ON ROLE orders_read IS 'Read customers, orders and items';
COMMENT ON ROLE orders_write IS 'Change orders and items; reads what it changes';
COMMENT ON ROLE orders_admin IS 'Repair data by hand: change and delete orders, items and shipments';
COMMENT ON ROLE payments_read IS 'Read payments and refunds';
COMMENT ON ROLE warehouse_read IS 'Read the marts';
COMMENT ON ROLE warehouse_load IS 'Load staging tables and rebuild the marts';
COMMENT ON ROLE curfew_attic IS 'Holds what ended sessions left behind; no privileges, no members but Curfew';

-- Standing access, as it was handed out over the years.
GRANT orders_read TO billing_sync, report_nightly, deploy_bot, vendor_acme, svc_shipping, agent_pricing, metabase, inventory_sync;
GRANT orders_write TO svc_checkout, legacy_etl, jenkins_old;
GRANT orders_admin TO debug_tmp, ops_console;
GRANT payments_read TO billing_sync, zapier_hook, fraud_scorer;
-- Nobody has seen these at work for long.
GRANT orders_read TO coupon_import, partner_feed, newsletter_2021;
GRANT warehouse_read TO old_forecast, stock_export;
GRANT warehouse_read TO report_nightly, metabase, dbt_runner, inventory_sync;
GRANT warehouse_load TO airflow_loader, dbt_runner, etl_2019;
GRANT pg_monitor TO grafana_ro;
GRANT pg_read_all_data TO backup_agent;
ALTER ROLE replica_eu REPLICATION;
ALTER ROLE ops_console CREATEROLE;
ALTER ROLE vendor_acme CONNECTION LIMIT 2;
ALTER ROLE zapier_hook CONNECTION LIMIT 5;

COMMENT ON ROLE billing_sync IS 'Copies paid orders into the billing system every 10 minutes. Team Finance';
COMMENT ON ROLE report_nightly IS 'Nightly sales report, 02:15 UTC. Team Data';
COMMENT ON ROLE deploy_bot IS 'Release pipeline. Team Delivery';
COMMENT ON ROLE legacy_etl IS 'Old order import, still needed for two customers. Team Data';
COMMENT ON ROLE etl_2019 IS 'TODO: remove after the 2019 migration';
COMMENT ON ROLE vendor_acme IS 'Acme Logistics, read access for the parcel dashboard. Contract ends with the role';
COMMENT ON ROLE svc_checkout IS 'Checkout service in production. Team Shop';
COMMENT ON ROLE svc_shipping IS 'Shipping service in production. Team Shop';
COMMENT ON ROLE svc_payments IS 'Payment service in production. Team Finance';
COMMENT ON ROLE agent_support IS 'AI agent that answers support tickets; no standing access by design. Team Support';
COMMENT ON ROLE agent_pricing IS 'AI agent that proposes prices. Team Shop';
COMMENT ON ROLE nightly_backfill IS 'CI job acme/orders nightly-backfill; gets access by grant only. Team Delivery';
COMMENT ON ROLE metabase IS 'Dashboards';
COMMENT ON ROLE grafana_ro IS 'Database metrics. Team Platform';
COMMENT ON ROLE airflow_loader IS 'Hourly loads into staging. Team Data';
COMMENT ON ROLE dbt_runner IS 'Rebuilds the marts. Team Data';
COMMENT ON ROLE backup_agent IS 'Logical dumps. Team Platform';
COMMENT ON ROLE replica_eu IS 'Streaming replication to eu-west. Team Platform';
COMMENT ON ROLE debug_tmp IS 'incident 2024-11, delete me';
COMMENT ON ROLE zapier_hook IS 'Refund notifications to the chat. Who owns this?';
COMMENT ON ROLE fraud_scorer IS 'Scores payments. Team Finance';
COMMENT ON ROLE inventory_sync IS 'Stock levels for the shop. Team Shop';
COMMENT ON ROLE mailer IS 'Order mails; names and addresses only';
COMMENT ON ROLE ops_console IS 'Shared console of the on-call engineers. Team Platform';
COMMENT ON ROLE coupon_import IS 'Imported coupons from the old shop. Team Shop';
COMMENT ON ROLE partner_feed IS 'Order feed for partners, one of them may still read it';
COMMENT ON ROLE old_forecast IS 'Forecasts before the new model. Team Data';
COMMENT ON ROLE stock_export IS 'Stock levels as CSV, for whom?';
COMMENT ON ROLE newsletter_2021 IS 'Newsletter of 2021';
COMMENT ON ROLE curfew_connector IS 'Curfew: issues and ends grants';
COMMENT ON ROLE curfew_probe IS 'Curfew: looks whether an ended grant is truly gone; read only';

DO $$
BEGIN
  EXECUTE format('ALTER ROLE vendor_acme VALID UNTIL %L', now() + interval '84 days');
  EXECUTE format('ALTER ROLE fraud_scorer VALID UNTIL %L', now() + interval '300 days');
  EXECUTE format('ALTER ROLE agent_pricing VALID UNTIL %L', now() + interval '19 days');
  EXECUTE format('ALTER ROLE debug_tmp VALID UNTIL %L', now() - interval '380 days');
  EXECUTE format('ALTER ROLE loadtest_q3 VALID UNTIL %L', now() - interval '45 days');
END $$;

-- Curfew's own account: no superuser. It may make and drop logins of its own, hand out exactly these group roles
-- without being able to use them itself, and see and cut sessions.
ALTER ROLE curfew_connector CREATEROLE;
GRANT pg_signal_backend, pg_read_all_stats TO curfew_connector;
GRANT orders_read, orders_write, orders_admin, payments_read, warehouse_read, warehouse_load
  TO curfew_connector WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;
GRANT curfew_attic TO curfew_connector;
-- These logins it may suspend and remove. Not ops_console, backup_agent and replica_eu: their owners did not want that.
GRANT billing_sync, report_nightly, deploy_bot, legacy_etl, etl_2019, vendor_acme, svc_checkout, svc_shipping, svc_payments,
  agent_support, agent_pricing, nightly_backfill, metabase, grafana_ro, airflow_loader, dbt_runner, debug_tmp, jenkins_old,
  zapier_hook, fraud_scorer, inventory_sync, mailer, loadtest_q3, coupon_import, partner_feed, old_forecast, stock_export, newsletter_2021
  TO curfew_connector WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;
-- To list the log's files; what it may read of them is the function curfew_log.read in database orders.
GRANT pg_monitor TO curfew_connector;
-- This server counts nested statements, which would keep the verifiers of passwords; so Curfew may leave its own out.
GRANT SET ON PARAMETER log_parameter_max_length, pg_stat_statements.track TO curfew_connector;
-- They look every second: of theirs only what changes the target is worth a line.
ALTER ROLE curfew_connector SET log_statement = 'ddl';
ALTER ROLE curfew_probe SET log_statement = 'ddl';

-- The second account, which proves an end independently, sees statistics and changes nothing.
GRANT pg_read_all_stats TO curfew_probe;
