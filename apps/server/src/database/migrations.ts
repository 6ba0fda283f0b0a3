import type { Migration } from '@millrace/core/postgres'

/** Schema of the control plane's own tables. A migration that has run is never changed: add another. */
export const SCHEMA = 'platform'

export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-access',
    up: `
      create table users (
        name text primary key,
        role text not null check (role in ('viewer', 'operator', 'administrator')),
        password_hash text not null,
        disabled boolean not null default false,
        created_at timestamptz not null default now(),
        last_login_at timestamptz
      );
      create table sessions (
        secret_hash bytea primary key,
        user_name text not null references users (name) on delete cascade,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        address text not null,
        user_agent text not null
      );
      create index sessions_user_name on sessions (user_name);
      create index sessions_expires_at on sessions (expires_at);
      create table api_tokens (
        id uuid primary key default gen_random_uuid(),
        secret_hash bytea not null unique,
        name text not null unique,
        role text not null check (role in ('viewer', 'operator', 'administrator')),
        created_by text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        last_used_at timestamptz
      );`,
  },
  {
    name: '0002-audit',
    up: `
      create table audit_log (
        id bigint generated always as identity primary key,
        at timestamptz not null default now(),
        actor_kind text not null,
        actor_name text not null,
        actor_role text not null,
        action text not null,
        outcome text not null check (outcome in ('ok', 'failed')),
        input jsonb,
        output jsonb,
        before jsonb,
        after jsonb,
        error jsonb,
        duration_ms double precision,
        address text
      );
      create index audit_log_action on audit_log (action text_pattern_ops, id desc);
      create index audit_log_actor on audit_log (actor_name, id desc);`,
  },
  {
    name: '0003-settings-and-incidents',
    up: `
      create table settings (
        path text primary key,
        value jsonb not null,
        changed_by text not null,
        changed_at timestamptz not null default now()
      );
      create table incidents (
        id uuid primary key,
        component text not null,
        kind text not null,
        title text not null,
        opened_at timestamptz not null,
        closed_at timestamptz,
        timeline jsonb not null
      );
      create index incidents_opened_at on incidents (opened_at desc);
      create index incidents_component on incidents (component, opened_at desc);
      create index incidents_open on incidents (component) where closed_at is null;`,
  },
  {
    name: '0004-installation-and-retention',
    up: `
      create table installation (
        id uuid not null default gen_random_uuid(),
        only_row boolean primary key default true check (only_row)
      );
      insert into installation default values;
      create index audit_log_at on audit_log (at);
      create index incidents_closed_at on incidents (closed_at);`,
  },
]
