// Generated from the control plane's OpenAPI document by `npm run generate -w @millrace/api-client`. Do not edit.

export interface paths {
  '/api/audit': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; before?: string; action?: string; actor?: string }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { entries: components['schemas']['AuditEntry'][] } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/auth/login': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { username: string; password: string } } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Session'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/api/auth/logout': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        204: { headers: Record<string, unknown>; content?: never }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/api/auth/password': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { currentPassword: string; newPassword: string } } }
      responses: {
        204: { headers: Record<string, unknown>; content?: never }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    post?: never
    delete?: never
    patch?: never
  }
  '/api/auth/session': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Session'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/capabilities': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { capabilities: components['schemas']['Capability'][] } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/incidents': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; state?: 'open' | 'closed' }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { incidents: components['schemas']['Incident'][] } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/monitoring/range': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query: {
          metric: string
          aggregate: 'rate' | 'sum' | 'avg' | 'min' | 'max' | 'last' | 'p50' | 'p90' | 'p95' | 'p99' | 'p999'
          from?: number
          to?: number
          width?: number
          by?: string
        }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              metric: string
              aggregate:
                'rate' | 'sum' | 'avg' | 'min' | 'max' | 'last' | 'p50' | 'p90' | 'p95' | 'p99' | 'p999'
              unit: string
              stepMs: number
              resolution: 'raw' | '1m' | '1h'
              series: { labels: Record<string, string>; times: number[]; values: (number | null)[] }[]
            }
          }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/alerts': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: { from?: number; to?: number }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              /** Milliseconds since the epoch. */ from: number
              /** Milliseconds since the epoch. */ to: number
              alerts: components['schemas']['Alert'][]
            }
          }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/cdn': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['PerformancePart'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/dashboard': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Dashboard'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/database': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['PerformancePart'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/metrics/realtime': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['RealtimeMetrics'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/optimization': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['PerformancePart'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/optimize': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { /** Default: everything. */ targets?: string[] } } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { result: Record<string, unknown>; auditId: string } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/api/performance/reports': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { from?: number; to?: number; format?: 'json' | 'csv' }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              /** Milliseconds since the epoch. */ from: number
              /** Milliseconds since the epoch. */ to: number
              rows: Record<string, string | number | null>[]
            }
          }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/scale': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': { /** Default: the only pool there is. */ pool?: string; instances: number }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { pool: components['schemas']['ScalePool']; auditId: string } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/api/performance/scaling': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['PerformancePart'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/performance/settings': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Settings'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Settings'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    post?: never
    delete?: never
    patch?: never
  }
  '/api/recommendations': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { recommendations: Record<string, unknown>[] } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/runtime': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Runtime'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/api/tokens': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { tokens: components['schemas']['ApiToken'][] } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            name: string
            /** viewer reads, operator changes, administrator destroys and manages users. */ role:
              'viewer' | 'operator' | 'administrator'
            /** Default: never expires. */ expiresInDays?: number
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              id: string
              name: string
              /** viewer reads, operator changes, administrator destroys and manages users. */ role:
                'viewer' | 'operator' | 'administrator'
              createdBy: string
              /** Milliseconds since the epoch. */ createdAt: number
              expiresAt: number | null
              lastUsedAt: number | null
              /** Shown this once; only its hash is stored. */ token: string
            }
          }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/api/tokens/{id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post?: never
    delete: {
      parameters: { query?: never; path: { id: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        204: { headers: Record<string, unknown>; content?: never }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    patch?: never
  }
  '/api/users': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { users: components['schemas']['User'][] } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            name: string
            password: string
            /** viewer reads, operator changes, administrator destroys and manages users. */ role:
              'viewer' | 'operator' | 'administrator'
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['User'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/api/users/{name}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post?: never
    delete: {
      parameters: { query?: never; path: { name: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        204: { headers: Record<string, unknown>; content?: never }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    patch: {
      parameters: { query?: never; path: { name: string }; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** viewer reads, operator changes, administrator destroys and manages users. */ role?:
              'viewer' | 'operator' | 'administrator'
            disabled?: boolean
            password?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['User'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
  }
  '/api/{capability}/actions/{action}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: {
        query?: never
        path: { capability: string; action: string }
        header?: never
        cookie?: never
      }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { result: unknown; durationMs: number; auditId?: string } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/health': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { status: 'ok'; uptimeSeconds: number; version: string } }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/health/ready': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Readiness'] }
        }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
}

export interface components {
  schemas: {
    Alert: {
      id: string
      rule: string
      severity: 'info' | 'warning' | 'critical'
      state: 'pending' | 'firing' | 'resolved'
      summary: string
      /** Milliseconds since the epoch. */ since: number
    }
    ApiToken: {
      id: string
      name: string
      /** viewer reads, operator changes, administrator destroys and manages users. */ role:
        'viewer' | 'operator' | 'administrator'
      createdBy: string
      /** Milliseconds since the epoch. */ createdAt: number
      expiresAt: number | null
      lastUsedAt: number | null
    }
    AuditEntry: {
      id: string
      /** Milliseconds since the epoch. */ at: number
      actor: {
        kind: 'user' | 'token' | 'system' | 'anonymous'
        name: string
        role: 'viewer' | 'operator' | 'administrator'
      }
      /** `<capability>.<action>`, `auth.login`, `settings.update`, … */ action: string
      outcome: 'ok' | 'failed'
      input?: unknown
      output?: unknown
      /** The state before the change, as far as it is known. */ before?: unknown
      after?: unknown
      error?: { code: string; message: string }
      durationMs?: number
      /** Where the request came from. */ address?: string
    }
    Capability: {
      name: string
      title: string
      summary: string
      dependsOn: string[]
      state: 'running' | 'degraded' | 'failed'
      /** Why it does not run. */ error?: { code: string; message: string }
      health: {
        state: 'healthy' | 'degraded' | 'failed'
        message: string
        checks?: {
          name: string
          state: 'healthy' | 'degraded' | 'failed'
          message?: string
          latencyMs?: number
        }[]
      }
      config: {
        /** JSON Schema 2020-12. */ schema: Record<string, unknown>
        /** Secrets are replaced by `[redacted]`. */ values: unknown
        /** Path → default, file, env:NAME, flag or settings. */ origins: Record<string, string>
        /** Paths that `PUT /api/performance/settings` may change. */ live: string[]
      }
      metrics: {
        name: string
        kind: 'counter' | 'gauge' | 'histogram'
        unit: string
        help: string
        labels: string[]
      }[]
      actions: {
        name: string
        title: string
        description: string
        effect: 'read' | 'write' | 'destructive'
        anonymous: boolean
        undoable: boolean
        /** JSON Schema 2020-12. */ inputSchema: Record<string, unknown>
        /** JSON Schema 2020-12. */ outputSchema: Record<string, unknown>
      }[]
      routes: { path: string; summary: string; role: string }[]
    }
    Component: {
      id: string
      kind: 'database' | 'control-plane' | 'worker' | 'instance' | 'service'
      state: 'starting' | 'ready' | 'draining' | 'restarting' | 'failed' | 'stopped'
      pid?: number
      address?: string
      /** Milliseconds since the epoch. */ readySince?: number
      /** Unplanned ones since the supervisor started. */ restarts: number
      lastFailure?: { /** Milliseconds since the epoch. */ at: number; reason: string }
    }
    Dashboard: {
      /** Milliseconds since the epoch. */ generatedAt: number
      parts: Record<
        string,
        {
          title: string
          state: string
          health: {
            state: 'healthy' | 'degraded' | 'failed'
            message: string
            checks?: {
              name: string
              state: 'healthy' | 'degraded' | 'failed'
              message?: string
              latencyMs?: number
            }[]
          }
          overview?: Record<string, unknown>
        }
      >
      /** Parts of the dashboard whose capability is not installed or does not run. */ missing: {
        part: string
        capability: string
      }[]
      components: components['schemas']['Component'][]
      openIncidents: number
    }
    Incident: {
      id: string
      component: string
      kind: string
      title: string
      state: 'open' | 'closed'
      /** Milliseconds since the epoch. */ openedAt: number
      closedAt: number | null
      timeline: {
        /** Milliseconds since the epoch. */ at: number
        state: 'starting' | 'ready' | 'draining' | 'restarting' | 'failed' | 'stopped'
        message: string
      }[]
    }
    PerformancePart: {
      part: string
      capability: string
      /** Milliseconds since the epoch. */ generatedAt: number
      health: {
        state: 'healthy' | 'degraded' | 'failed'
        message: string
        checks?: {
          name: string
          state: 'healthy' | 'degraded' | 'failed'
          message?: string
          latencyMs?: number
        }[]
      }
      overview: Record<string, unknown>
    }
    Problem: {
      /** `urn:millrace:error:<code>`. */ type: string
      title: string
      status: number
      detail: string
      /** Stable; the reference page lists them all. */ code: string
      instance?: string
      [key: string]: unknown
    }
    Readiness: {
      status: 'ready' | 'degraded' | 'unavailable'
      checks: { name: string; state: 'healthy' | 'degraded' | 'failed'; message: string; latencyMs: number }[]
    }
    RealtimeMetrics: {
      /** Milliseconds since the epoch. */ at: number
      windowMs: number
      metrics: Record<
        string,
        {
          metric: string
          aggregate: string
          unit: string
          values: {
            labels: Record<string, string>
            value: number
            /** Milliseconds since the epoch. */ at: number
          }[]
        }
      >
    }
    Runtime: {
      /** False when the control plane runs without a supervisor. */ connected: boolean
      publicUrl: string
      components: components['schemas']['Component'][]
    }
    ScalePool: {
      name: string
      desired: number
      ready: number
      min: number
      max: number
      instances: {
        id: string
        state: string
        pid?: number
        address?: string
        /** Milliseconds since the epoch. */ readySince?: number
        restarts: number
      }[]
    }
    Session: {
      user: {
        name: string
        /** viewer reads, operator changes, administrator destroys and manages users. */ role:
          'viewer' | 'operator' | 'administrator'
      }
      /** To be sent as `x-csrf-token` with every change. Absent when a bearer token was used. */ csrfToken?: string
      /** Milliseconds since the epoch. */ expiresAt?: number
    }
    Settings: {
      settings: {
        path: string
        value: unknown
        /** What the configuration says without the stored setting. */ configured: unknown
        stored: boolean
        title?: string
        description?: string
      }[]
      auditId?: string
    }
    User: {
      name: string
      /** viewer reads, operator changes, administrator destroys and manages users. */ role:
        'viewer' | 'operator' | 'administrator'
      disabled: boolean
      /** Milliseconds since the epoch. */ createdAt: number
      lastLoginAt: number | null
    }
  }
}
