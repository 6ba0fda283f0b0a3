// Generated from the control plane's OpenAPI document by `npm --workspace @millrace/api-client run generate`. Do not edit.

export interface paths {
  '/api/assets/actions/optimize': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Optimise images */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Rounded up to a configured width. */ width?: number
            height?: number
            /** Default: the format’s. */ quality?: number
            /** auto: the best the client takes. */ format?: 'auto' | 'avif' | 'webp' | 'jpeg' | 'png'
            /** cover: cropped to width and height. */ fit?: 'inside' | 'cover'
            /** A path below the application, or an allowed address. */ src?: string
            /** A batch, instead of `src`. */ images?: {
              /** A path below the application, or an allowed address. */ src: string
              options?: {
                /** Rounded up to a configured width. */ width?: number
                height?: number
                /** Default: the format’s. */ quality?: number
                /** auto: the best the client takes. */ format?: 'auto' | 'avif' | 'webp' | 'jpeg' | 'png'
                /** cover: cropped to width and height. */ fit?: 'inside' | 'cover'
              }
            }[]
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result:
                | {
                    src: string
                    url: string
                    format: 'avif' | 'webp' | 'jpeg' | 'png'
                    width: number
                    height: number
                    bytes: number
                    originalBytes: number
                    saved: number
                  }
                | {
                    images: (
                      | {
                          src: string
                          url: string
                          format: 'avif' | 'webp' | 'jpeg' | 'png'
                          width: number
                          height: number
                          bytes: number
                          originalBytes: number
                          saved: number
                        }
                      | {
                          src: string
                          error: { code: string; title: string; detail: string; status: number }
                        }
                    )[]
                  }
              durationMs: number
              auditId?: string
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
  '/api/assets/actions/responsive': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Responsive set */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** A path below the application, or an allowed address. */ src: string
            /** Default: the largest configured width. */ maxWidth?: number
            /** Crops: 16/9. Default: the picture’s own. */ aspectRatio?: string
            /** The `sizes` attribute: how wide it is shown. */ sizes?: string
            alt?: string
            /** Default: the format’s. */ quality?: number
            /** auto: the best the client takes. */ format?: 'auto' | 'avif' | 'webp' | 'jpeg' | 'png'
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                src: string
                originalBytes: number
                /** Width by height. */ aspectRatio: number
                srcset: string
                sizes: string
                url: string
                images: {
                  url: string
                  width: number
                  height: number
                  format: 'avif' | 'webp' | 'jpeg' | 'png'
                  bytes: number
                }[]
                /** A blurred picture of a few hundred bytes, as a data: address. */ placeholder?: string
                html: string
              }
              durationMs: number
              auditId?: string
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
  '/api/assets/usage': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Images made and served, and the bytes saved */ get: {
      parameters: { query?: { windowMs?: number }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              windowMs: number
              answers: { format: string; result: string; count: number }[]
              inputBytes: number
              outputBytes: number
              saved: number | null
              servedBytes: number
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
  '/api/audit': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Who changed what, newest first */ get: {
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
    /** Sign in */ post: {
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
    /** Sign out */ post: {
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
    /** Change one’s own password */ put: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { currentPassword: string; newPassword: string } } }
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
    post?: never
    delete?: never
    patch?: never
  }
  '/api/auth/session': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Who is signed in */ get: {
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
  '/api/cache/actions/get-entry': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Show an entry */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** A namespace, such as PRODUCTS. */ namespace: string
            /** Its identifier. */ id: string
            /** The cache of an application, in Redis. Default: the control plane’s own. */ keyspace?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                found: boolean
                entry?: { bytes: number; ageMs: number; remainingMs: number | null; tags: string[] }
                /** Any JSON value. */ value?: unknown
              }
              durationMs: number
              auditId?: string
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
  '/api/cache/actions/keyspaces': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Caches in Redis */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, never> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: { keyspaces: string[]; more: boolean }
              durationMs: number
              auditId?: string
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
  '/api/cache/actions/purge': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Purge the cache */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Only say what would go: nothing is removed. Look before you purge. */ preview?: boolean
            /** The cache of one application or service. Default: every one. */ keyspace?: string
            /** Everything in a namespace, such as PRODUCTS. */ namespace?: string
            /** One entry of the namespace. */ id?: string
            /** Keys `<namespace>:<identifier>` that match, with * and ?: PRODUCTS:eu-*. */ pattern?: string
            /** Everything that carries one of these tags or surrogate keys. */ tags?: string[]
            /** One page or file, as visitors address it. */ url?: string
            /** Every page or file below an address. */ prefix?: string
            /** Everything. */ all?: true
            /** Of pages and files: mark as stale, so that they are served while they are renewed. */ soft?: boolean
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                preview: boolean
                scope: string
                tiers: {
                  tier: 'memory' | 'shared' | 'http' | 'edge'
                  keyspace: string
                  outcome: 'would-purge' | 'purged' | 'requested' | 'unreached' | 'failed'
                  entries: number | null
                  exact: boolean
                  note: string
                }[]
                sampleKeys: string[]
              }
              durationMs: number
              auditId?: string
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
  '/api/cache/actions/resize-preview': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Preview another size */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Of the present memory: 2 is twice as much, 0.5 half of it. */ scale: number
            /** Default: every one that reports a curve. */ service?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                caches: {
                  service: string
                  maxBytes: number | null
                  resizedBytes: number | null
                  hitRatio: number | null
                  resizedHitRatio: number | null
                  samples: number
                  note: string
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/cache/actions/stats': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Cache statistics */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, never> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                entries: number
                bytes: number
                hits: number
                misses: number
                evictions: number
                hitRatio: number | null
                maxEntries: number
                maxBytes: number
                namespaces: {
                  name: string
                  ttlMs: number | null
                  entries: number
                  bytes: number
                  hits: number
                  misses: number
                  evictions: number
                  hitRatio: number | null
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/cache/actions/warm': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Warm the caches */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, never> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                requested: number
                ok: number
                failed: number
                durationMs: number
                failures: string[]
              }
              durationMs: number
              auditId?: string
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
  '/api/cache/curve': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** What the hit ratio would be with less and with more memory, by service */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              caches: {
                service: string
                samples: number
                maxBytes: number | null
                points: { scale: number; hitRatio: number }[]
                half: number | null
                now: number | null
                twice: number | null
                verdict: 'grow' | 'shrink' | 'keep' | 'wait'
                advice: string
              }[]
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
  '/api/cache/hot-keys': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The keys that are read most, by service */ get: {
      parameters: { query?: { limit?: number }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              rows: {
                service: string
                namespace: string
                key: string
                readsPerSecond: number
                share: number | null
              }[]
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
  '/api/cache/stats': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The control plane’s own cache */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              entries: number
              bytes: number
              hits: number
              misses: number
              evictions: number
              hitRatio: number | null
              maxEntries: number
              maxBytes: number
              namespaces: {
                name: string
                ttlMs: number | null
                entries: number
                bytes: number
                hits: number
                misses: number
                evictions: number
                hitRatio: number | null
              }[]
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
  '/api/cache/tiers': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The state of each tier: memory of every service, the shared store, the edge */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              memory: {
                service: string
                processes: number
                entries: number
                bytes: number
                maxEntries: number | null
                maxBytes: number | null
              }[]
              shared: {
                state: 'off' | 'up' | 'down'
                message: string
                kind: string | null
                latencyMs: number | null
                usedBytes: number | null
                maxBytes: number | null
                servers: number | null
                connections: {
                  service: string
                  instance: string
                  up: boolean | null
                  follows: boolean | null
                }[]
                errors: { reason: string; count: number }[]
                errorWindowMs: number
              }
              edge: { state: 'off' | 'on'; message: string }
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
  '/api/cache/usage': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Hits and misses of every process, by tier, service and namespace */ get: {
      parameters: { query?: { windowMs?: number }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              windowMs: number
              hits: number
              misses: number
              hitRatio: number | null
              tiers: { tier: string; reads: number; hits: number; hitRatio: number | null }[]
              rows: {
                service: string
                namespace: string
                hits: number
                misses: number
                hitRatio: number | null
                memoryHits: number
                sharedHits: number
                evictions: number
                stampedesAvoided: number
                earlyRefreshes: number
                staleServed: number
                entries: number
                bytes: number
              }[]
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
  '/api/capabilities': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** What is installed: state, settings, metrics, actions and routes */ get: {
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
  '/api/events': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Live updates as Server-Sent Events */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: { headers: Record<string, unknown>; content: { 'text/event-stream': string } }
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
  '/api/gateway/actions/canary-pause': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Pause a canary */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Name of a split: applications.<name>.routes[].split.name */ split: string
            /** For the log and the list of decisions. */ reason?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                name: string
                kind: 'canary' | 'blue-green' | 'ab'
                parts: {
                  application: string
                  /** Percent, in force. */ share: number
                  /** That came to its instances since the present workers started, and not the cache. */ requests: number
                  /** 5xx, or no answer; also where another part answered in the end. */ errors: number
                  latency?: { p50Ms: number; p95Ms: number; p99Ms: number }
                }[]
                /** The application that has the route. */ stable: string
                /** Absent: it is none. */ canary?: {
                  state: 'idle' | 'running' | 'paused' | 'promoted' | 'rolled-back'
                  steps: number[]
                  /** Index into `steps`. */ step: number
                  /** In this step, while it is running. */ elapsedMs?: number
                  holdMs: number
                  /** What the last look said, while it is running. */ verdict?: string
                }
                /** Blue-green: where a rollback goes. */ previous?: string
                /** The last 50, oldest first. */ decisions: {
                  /** Grows by one with each decision about this split. */ sequence: number
                  /** Milliseconds since the epoch. */ at: number
                  decision: 'start' | 'advance' | 'promote' | 'rollback' | 'pause' | 'resume' | 'switch'
                  by: 'controller' | 'operator'
                  /** Shares before, by part. */ from: Record<string, number>
                  /** Shares after, by part. */ to: Record<string, number>
                  reason: string
                  numbers?: {
                    stable: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                    canary: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                  }
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/canary-promote': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Promote a canary */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Name of a split: applications.<name>.routes[].split.name */ split: string
            /** For the log and the list of decisions. */ reason?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                name: string
                kind: 'canary' | 'blue-green' | 'ab'
                parts: {
                  application: string
                  /** Percent, in force. */ share: number
                  /** That came to its instances since the present workers started, and not the cache. */ requests: number
                  /** 5xx, or no answer; also where another part answered in the end. */ errors: number
                  latency?: { p50Ms: number; p95Ms: number; p99Ms: number }
                }[]
                /** The application that has the route. */ stable: string
                /** Absent: it is none. */ canary?: {
                  state: 'idle' | 'running' | 'paused' | 'promoted' | 'rolled-back'
                  steps: number[]
                  /** Index into `steps`. */ step: number
                  /** In this step, while it is running. */ elapsedMs?: number
                  holdMs: number
                  /** What the last look said, while it is running. */ verdict?: string
                }
                /** Blue-green: where a rollback goes. */ previous?: string
                /** The last 50, oldest first. */ decisions: {
                  /** Grows by one with each decision about this split. */ sequence: number
                  /** Milliseconds since the epoch. */ at: number
                  decision: 'start' | 'advance' | 'promote' | 'rollback' | 'pause' | 'resume' | 'switch'
                  by: 'controller' | 'operator'
                  /** Shares before, by part. */ from: Record<string, number>
                  /** Shares after, by part. */ to: Record<string, number>
                  reason: string
                  numbers?: {
                    stable: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                    canary: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                  }
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/canary-rollback': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Roll back */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Name of a split: applications.<name>.routes[].split.name */ split: string
            /** For the log and the list of decisions. */ reason?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                name: string
                kind: 'canary' | 'blue-green' | 'ab'
                parts: {
                  application: string
                  /** Percent, in force. */ share: number
                  /** That came to its instances since the present workers started, and not the cache. */ requests: number
                  /** 5xx, or no answer; also where another part answered in the end. */ errors: number
                  latency?: { p50Ms: number; p95Ms: number; p99Ms: number }
                }[]
                /** The application that has the route. */ stable: string
                /** Absent: it is none. */ canary?: {
                  state: 'idle' | 'running' | 'paused' | 'promoted' | 'rolled-back'
                  steps: number[]
                  /** Index into `steps`. */ step: number
                  /** In this step, while it is running. */ elapsedMs?: number
                  holdMs: number
                  /** What the last look said, while it is running. */ verdict?: string
                }
                /** Blue-green: where a rollback goes. */ previous?: string
                /** The last 50, oldest first. */ decisions: {
                  /** Grows by one with each decision about this split. */ sequence: number
                  /** Milliseconds since the epoch. */ at: number
                  decision: 'start' | 'advance' | 'promote' | 'rollback' | 'pause' | 'resume' | 'switch'
                  by: 'controller' | 'operator'
                  /** Shares before, by part. */ from: Record<string, number>
                  /** Shares after, by part. */ to: Record<string, number>
                  reason: string
                  numbers?: {
                    stable: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                    canary: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                  }
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/canary-start': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Start a canary */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Name of a split: applications.<name>.routes[].split.name */ split: string
            /** For the log and the list of decisions. */ reason?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                name: string
                kind: 'canary' | 'blue-green' | 'ab'
                parts: {
                  application: string
                  /** Percent, in force. */ share: number
                  /** That came to its instances since the present workers started, and not the cache. */ requests: number
                  /** 5xx, or no answer; also where another part answered in the end. */ errors: number
                  latency?: { p50Ms: number; p95Ms: number; p99Ms: number }
                }[]
                /** The application that has the route. */ stable: string
                /** Absent: it is none. */ canary?: {
                  state: 'idle' | 'running' | 'paused' | 'promoted' | 'rolled-back'
                  steps: number[]
                  /** Index into `steps`. */ step: number
                  /** In this step, while it is running. */ elapsedMs?: number
                  holdMs: number
                  /** What the last look said, while it is running. */ verdict?: string
                }
                /** Blue-green: where a rollback goes. */ previous?: string
                /** The last 50, oldest first. */ decisions: {
                  /** Grows by one with each decision about this split. */ sequence: number
                  /** Milliseconds since the epoch. */ at: number
                  decision: 'start' | 'advance' | 'promote' | 'rollback' | 'pause' | 'resume' | 'switch'
                  by: 'controller' | 'operator'
                  /** Shares before, by part. */ from: Record<string, number>
                  /** Shares after, by part. */ to: Record<string, number>
                  reason: string
                  numbers?: {
                    stable: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                    canary: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                  }
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/close-connection': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Close a connection */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: { 'application/json': { /** Its id: /api/gateway/connections */ connection: string } }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': { result: { connection: string }; durationMs: number; auditId?: string }
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
  '/api/gateway/actions/config': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Configuration */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                config: {
                  /** Who reads HTTP/1.1 without TLS, from visitors and from backends, in the engine node. llhttp: node:http and undici. strict: the gateway itself, which is faster, and refuses more. */ http1:
                    'llhttp' | 'strict'
                  balance:
                    | 'round-robin'
                    | 'weighted-round-robin'
                    | 'least-connections'
                    | 'ip-hash'
                    | 'least-response-time'
                    | 'two-choices'
                    | 'weighted'
                  limits: {
                    headerBytes: number
                    headerCount: number
                    bodyBytes: number
                    /** Of a backend’s response; more is a 502. */ responseHeaderBytes: number
                    /** Requests that a visitor’s connection may send ahead of their answers. */ pipelined: number
                    /** Visitors’ open connections, per worker. */ connections: number
                    /** Of one address (IPv6: /64) over all workers; trusted proxies may have any number. Default: no limit. */ clientConnections?: number
                    /** TLS handshakes in progress, per worker; beyond it the oldest is ended. */ handshakes: number
                    /** Requests in progress on one HTTP/2 connection of a visitor. */ streams: number
                    /** Requests that one HTTP/2 connection may cancel at once, and a twentieth of it per second from then on; beyond it the connection is ended. */ streamResets: number
                    /** Requests in progress per backend, over all workers. */ backendConnections: number
                    /** Requests per pool and worker that wait for a backend. */ queue: number
                  }
                  timeouts: {
                    /** For a TLS handshake. */ handshakeMs: number
                    /** For the request line and headers to arrive. */ headersMs: number
                    /** For the whole request to arrive. */ requestMs: number
                    /** An idle visitor’s connection is closed after it. */ keepAliveMs: number
                    /** For a connection to a backend. */ connectMs: number
                    /** For a backend’s response headers; then 504. */ responseMs: number
                    /** Without a byte in the middle of a response, either side. */ idleMs: number
                    /** Without a byte on a WebSocket, either direction. */ tunnelIdleMs: number
                    /** Waiting for a backend; then 503. */ queueMs: number
                    /** An idle connection to a backend is closed after it, sooner if the backend announces less. Keep it below the backends’ own: common servers close at 5 s without a word. */ backendKeepAliveMs: number
                    /** HTTP/2 to backends: after such a silence with requests in progress the backend is asked for a sign of life, for which it has `connectMs`. Asked again in the same silence after 5 minutes, because servers of gRPC refuse more. */ backendPingMs: number
                    /** When draining: how long idle visitors may still send a request that is then answered with `Connection: close`. */ lingerMs: number
                  }
                  compression: {
                    enabled: boolean
                    /** Smaller responses are left as they are. */ minBytes: number
                    brotliLevel: number
                    gzipLevel: number
                  }
                  cache: {
                    /** Answers from the cache what applications allow shared caches to store (RFC 9111), where the cache capability is installed. */ enabled: boolean
                    /** By name, for applications whose responses are not to be cached: { shop: { enabled: false } }. */ applications: Record<
                      string,
                      { enabled: boolean }
                    >
                    /** Path prefixes, on whole segments, that are always forwarded: /live. */ exclude: string[]
                    /** Compressed forms of cached bodies that each worker keeps, with those bodies. */ encodedBytes: number
                    /** What each worker reads ahead of slow visitors so that it is stored at the backend’s pace. */ aheadBytes: number
                    /** A response that is being stored is read on for so long after its visitor left. */ finishMs: number
                    /** For a renewal in the background to be complete. */ renewalMs: number
                    /** Renewals and responses without their visitor, at the same time, per worker. */ unattended: number
                  }
                  tls: {
                    /** A port for HTTPS beside the one for HTTP. */ enabled: boolean
                    /** On the same address as `port`. */ port: number
                    /** Where visitors reach the TLS port, for redirects: 443 where a load balancer or a container publishes it there. Default: `tls.port`. */ publicPort?: number
                    /** PEM, with its chain. The short form where there is one certificate; it is the first one then. */ certificate?: string
                    /** PEM. Of `tls.certificate`. */ key?: string
                    /** Of `tls.key`. */ passphrase?: string
                    /** The names that a certificate is for are those in its subjectAltName; visitors who ask for none of them get the first certificate. Files are looked at every 10 s and read again when they changed. */ certificates: {
                      /** A PEM file: the certificate, then its chain. */ certificate: string
                      /** A PEM file. */ key: string
                      /** Of the key. */ passphrase?: string
                    }[]
                    minVersion: '1.2' | '1.3'
                    /** Requests on the port for HTTP are answered with 308; not those for routes that only this machine may use, nor /health, nor what a trusted proxy received by HTTPS. */ redirect: boolean
                    /** Adds Strict-Transport-Security to answers over HTTPS where applications do not send it: browsers then refuse plain HTTP for so long. Default: off. */ hstsMaxAgeSeconds?: number
                    /** Offered to visitors beside HTTP/1.1 (ALPN). */ http2: boolean
                  }
                  regions: {
                    /** The name of this gateway’s region, by which its peers know it. */ self?: string
                    /** The same in all of them. */ secret?: string
                    /** The others; none: there are no regions. */ peers: {
                      name: string
                      /** Where this gateway reaches the other one. Certificates are checked. */ url: string
                      /** Where visitors reach it, for redirects. Default: `url`. */ publicUrl?: string
                      /** Visitors from there are redirected to it, with `mode: redirect`. */ countries: string[]
                    }[]
                    /** forward: through this gateway. redirect: pages that a browser navigates to are answered with 307 to the other region, also those of visitors from its countries; everything else is forwarded. */ mode:
                      'forward' | 'redirect'
                    /** By measured round trips, or in the order of `peers`. */ nearest: 'latency' | 'order'
                    /** Between two questions to a peer. */ intervalMs: number
                    /** For its answer. */ timeoutMs: number
                    /** Questions without an answer in a row: it is out. */ unhealthyAfter: number
                    /** Answers in a row: it is back. */ healthyAfter: number
                    /** Instances here must have been able to answer for so long before requests stay here again. */ returnAfterMs: number
                    /** What is signed elsewhere is believed when its time is not further away than this. */ maxClockSkewMs: number
                  }
                  /** Addresses, CIDR blocks or `loopback` whose X-Forwarded-* and Forwarded headers are believed. All others’ are replaced. */ trustedProxies: string[]
                  geography: {
                    /** Where a CDN in front says the visitor’s country: CF-IPCountry. Believed from trusted proxies only. */ countryHeader?: string
                    /** A MaxMind DB file with countries (.mmdb), asked where no header says it. Looked at every 10 s and read again when it changed. */ database?: string
                  }
                  /** Pseudonym in a Via header. Default: none is added. */ via?: string
                  /** Creates a traceparent for requests that come without one; this share of them carries the sampled flag, which applications follow. Default: none is created, and applications decide by themselves what they record. */ traceSampleRatio?: number
                  enabled: boolean
                  /** node: processes of Millrace. haproxy: HAProxy 2.6 or newer, which must be installed; it has no HTTP cache, and the README lists what else it does otherwise. */ engine:
                    'node' | 'haproxy'
                  host: string
                  port: number
                  /** Default: one per CPU, at least 2 so that one can fail, at most 4. With the engine haproxy, its threads. */ workers?: number
                  /** json: one line per request in <data directory>/gateway/access.log. */ accessLog:
                    'off' | 'json'
                  health: {
                    enabled: boolean
                    /** For applications that do not set their own. */ intervalMs?: number
                    /** For applications that do not set their own. */ timeoutMs?: number
                    /** For applications that do not set their own. */ path?: string
                    /** The others wait their turn. */ maxConcurrent: number
                  }
                  stickySessions: {
                    /** For applications that do not say it themselves (applications.<name>.sticky). */ enabled: boolean
                    /** cookie: a signed one. ip: a hash of the visitor’s address, IPv6 by /64. */ kind:
                      'cookie' | 'ip'
                    /** Followed by -<application> where several applications have sessions. */ cookieName: string
                    /** Without a request. Cookies are renewed when half of it is over. */ maxAgeMs: number
                    /** What cookies are signed with. Default: made once and kept in the data directory. */ secret?: string
                  }
                  front: {
                    /** caddy: Caddy 2.6 or newer, which must be installed, takes HTTP/1.1, HTTP/2 and HTTP/3 over TLS and hands them to the gateway. */ kind:
                      'none' | 'caddy'
                    host: string
                    /** TCP and UDP. 0: a free one. */ port: number
                    /** A name on the PATH, or a path. */ program: string
                  }
                  autoScaling: { scaleUpThreshold?: number; scaleDownThreshold?: number }
                }
                notInThisVersion: string[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/drain-backend': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Drain a backend */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': { /** Id of a backend: shop/2 */ backend: string; timeoutMs?: number }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: { backend: string; /** Still in flight when the time was over. */ inFlight: number }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/explain': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Explain a request */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** https://shop.example/products/1?size=l, or only /products/1 */ url: string
            method?: string
            /** As the visitor sends them: {"cookie":"a=1"} */ headers?: Record<string, string>
            /** The address that the connection comes from. Default: a visitor’s of nowhere. */ client?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                /** In a sentence. */ outcome: string
                request: {
                  method: string
                  host: string | null
                  path: string
                  /** The visitor’s address, as far as trusted proxies say it. */ client: string
                  /** null: not known, or no route asks. */ country: string | null
                }
                /** Routes that were looked at, in that order. Others have another host or path. */ candidates: {
                  /** `*`: any. */ host: string
                  prefix: string
                  application: string
                  /** What the request does not meet; null: this route won. */ lost: string | null
                }[]
                split: {
                  name: string
                  kind: string
                  part: string
                  /** 0 to 9,999 on the line of shares. */ place: number
                  /** chance: the next request may have another. */ placeFrom: 'cookie' | 'hash' | 'chance'
                  shares: Record<string, number>
                } | null
                mirror: { application: string; share: number } | null
                pool: {
                  name: string
                  balance: string
                  sticky: string | null
                  rateLimit: string | null
                  queued: number
                  backends: { id: string; takesRequests: boolean; why: string; inFlight: number }[]
                } | null
                /** Of the worker that was asked. */ cache: {
                  asked: boolean
                  why: string
                  /** Fields that change the key where they are sent, and Vary, come on top. */ key: {
                    scheme: string
                    host: string
                    target: string
                    variant: string | null
                  } | null
                }
                /** What the instance would get. */ sent: {
                  path: string
                  headers: Record<string, string>
                } | null
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/export': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Export */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** One of nginx, ingress, ingress-nginx, gateway-api, aws-target-groups, cloudformation. */ format:
              'nginx' | 'ingress' | 'ingress-nginx' | 'gateway-api' | 'aws-target-groups' | 'cloudformation'
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                format:
                  | 'nginx'
                  | 'ingress'
                  | 'ingress-nginx'
                  | 'gateway-api'
                  | 'aws-target-groups'
                  | 'cloudformation'
                /** The configuration. The command line prints it as it is. */ document: string
                /** What that system cannot do, or does otherwise. */ notExported: {
                  where: string
                  what: string
                  why: string
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/health': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Health */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                state: 'healthy' | 'degraded' | 'failed'
                message: string
                checks?: {
                  name: string
                  state: 'healthy' | 'degraded' | 'failed'
                  message?: string
                  latencyMs?: number
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/purge': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Purge the HTTP cache */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** One resource with all of its variants: https://shop.example/products/1 */ url?: string
            /** Paths with their queries, whatever the scheme and host: /products/1 */ paths?: string[]
            /** Everything below it: https://shop.example/images/, or /images/ for every host. */ prefix?: string
            /** Surrogate keys (Surrogate-Key, Cache-Tag) and tags. */ keys?: string[]
            /** Everything. */ all?: true
            /** Mark as stale instead of removing: revalidated, or served when the application fails. */ soft?: boolean
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                /** That have a cache. */ workers: number
                /** That have forgotten it. Fewer than `workers`: ask again. */ confirmed: number
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/regions': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Regions */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                /** null: there are no regions. */ self: string | null
                mode: 'forward' | 'redirect'
                peers: {
                  name: string
                  url: string
                  /** waiting: it has not been asked yet. */ state: 'waiting' | 'up' | 'down'
                  rank: number | null
                  /** Moving average; null: it never answered. */ roundTripMs: number | null
                  /** Why it is out, or did not answer last. */ why: string | null
                  /** Of its clock ahead of the one here, give or take a round trip. */ clockSkewMs:
                    number | null
                  /** Questions without an answer in a row. */ failures: number
                  /** Milliseconds since the epoch. */ answeredAt: number | null
                  changedAt: number | null
                  applications: Record<
                    string,
                    {
                      /** Instances that take requests. */ up: number
                      /** Requests that wait for one. */ queued: number
                      /** Whether it can take requests of other regions. */ takes: boolean
                    }
                  >
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/reload-certificates': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Read the certificates again */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                certificates: {
                  /** Its file. */ certificate: string
                  names: string[]
                  /** Milliseconds since the epoch. */ validTo: number
                  /** Negative: it has expired. */ daysLeft: number
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/reload-workers': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Replace the workers */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': { result: { workers: number }; durationMs: number; auditId?: string }
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
  '/api/gateway/actions/split-status': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Splits of traffic */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Name of a split: applications.<name>.routes[].split.name */ split?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                splits: {
                  name: string
                  kind: 'canary' | 'blue-green' | 'ab'
                  parts: {
                    application: string
                    /** Percent, in force. */ share: number
                    /** That came to its instances since the present workers started, and not the cache. */ requests: number
                    /** 5xx, or no answer; also where another part answered in the end. */ errors: number
                    latency?: { p50Ms: number; p95Ms: number; p99Ms: number }
                  }[]
                  /** The application that has the route. */ stable: string
                  /** Absent: it is none. */ canary?: {
                    state: 'idle' | 'running' | 'paused' | 'promoted' | 'rolled-back'
                    steps: number[]
                    /** Index into `steps`. */ step: number
                    /** In this step, while it is running. */ elapsedMs?: number
                    holdMs: number
                    /** What the last look said, while it is running. */ verdict?: string
                  }
                  /** Blue-green: where a rollback goes. */ previous?: string
                  /** The last 50, oldest first. */ decisions: {
                    /** Grows by one with each decision about this split. */ sequence: number
                    /** Milliseconds since the epoch. */ at: number
                    decision: 'start' | 'advance' | 'promote' | 'rollback' | 'pause' | 'resume' | 'switch'
                    by: 'controller' | 'operator'
                    /** Shares before, by part. */ from: Record<string, number>
                    /** Shares after, by part. */ to: Record<string, number>
                    reason: string
                    numbers?: {
                      stable: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                      canary: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                    }
                  }[]
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/stats': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Statistics */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                connections: number
                inFlight: number
                requests: number
                pools: {
                  name: string
                  balance:
                    | 'round-robin'
                    | 'weighted-round-robin'
                    | 'least-connections'
                    | 'ip-hash'
                    | 'least-response-time'
                    | 'two-choices'
                    | 'weighted'
                  inFlight: number
                  queued: number
                  /** Since the present workers started. */ requests: number
                  retries: number
                  /** Since the present workers started; absent before the first request. */ latency?: {
                    p50Ms: number
                    p95Ms: number
                    p99Ms: number
                  }
                  backends: { up: number; draining: number; down: number }
                }[]
                backends: {
                  id: string
                  pool: string
                  address: string
                  state: 'up' | 'draining' | 'down'
                  /** Out for a moment because it fails requests, or connections to it. */ ejected: boolean
                  /** The worst of all workers. */ circuit: 'closed' | 'open' | 'recovering'
                  /** Share of its weight that it gets now, 0–1. */ admitted: number
                  /** To the response’s head, lately; 0: not measured, which the algorithm or the breaker must want. */ latencyMs: number
                  inFlight: number
                  requests: number
                  failures: number
                  /** Its share of the pool’s traffic, relative to the others. */ weight?: number
                  health?: {
                    healthy: boolean
                    message: string
                    latencyMs?: number
                    /** Milliseconds since the epoch. */ checkedAt?: number
                    kind?: 'http' | 'tcp' | 'grpc' | 'script'
                    /** Failed checks in a row. */ failures?: number
                    /** When it last went from healthy to unhealthy or back. */ changedAt?: number
                  }
                }[]
                workers: {
                  id: string
                  state: 'starting' | 'ready' | 'draining' | 'restarting' | 'failed' | 'stopped'
                  pid?: number
                  address?: string
                  readySince?: number
                  restarts: number
                  lastFailure?: { at: number; reason: string }
                }[]
                /** Absent: there are none. */ regions?: {
                  /** null: there are no regions. */ self: string | null
                  mode: 'forward' | 'redirect'
                  peers: {
                    name: string
                    url: string
                    /** waiting: it has not been asked yet. */ state: 'waiting' | 'up' | 'down'
                    rank: number | null
                    /** Moving average; null: it never answered. */ roundTripMs: number | null
                    /** Why it is out, or did not answer last. */ why: string | null
                    /** Of its clock ahead of the one here, give or take a round trip. */ clockSkewMs:
                      number | null
                    /** Questions without an answer in a row. */ failures: number
                    /** Milliseconds since the epoch. */ answeredAt: number | null
                    changedAt: number | null
                    applications: Record<
                      string,
                      {
                        /** Instances that take requests. */ up: number
                        /** Requests that wait for one. */ queued: number
                        /** Whether it can take requests of other regions. */ takes: boolean
                      }
                    >
                  }[]
                }
                /** Absent: no application is looked up. */ discovery?: {
                  pool: string
                  source: 'dns' | 'consul' | 'kubernetes'
                  /** What is looked up, and where. */ target: string
                  /** failing: the last question was not answered, and the backends found last stay. */ state:
                    'waiting' | 'ok' | 'failing'
                  backends: number
                  draining: number
                  /** Milliseconds since the epoch. */ answeredAt?: number
                  /** When the list last changed. */ changedAt?: number
                  error?: string
                  /** Failed questions in a row. */ failures: number
                }[]
                /** Absent: there is no TLS towards visitors (gateway.tls.enabled). */ tls?: {
                  /** The default one first. */ certificates: {
                    /** Its file. */ certificate: string
                    names: string[]
                    /** Milliseconds since the epoch. */ validTo: number
                    /** Negative: it has expired. */ daysLeft: number
                  }[]
                  /** As the other counts: since the present workers started. */ handshakes: number
                  /** Of them, those that went on with a former session. */ resumed: number
                  failed: number
                }
                /** Absent: there is no HTTP cache. */ cache?: {
                  /** Answered from the cache, fresh. As the other counts: since the present workers started. */ hit: number
                  /** Answered stale, while it was renewed or because the application failed. */ stale: number
                  /** Answered from the cache after the application confirmed it. */ revalidated: number
                  /** Fetched from the application. */ miss: number
                  /** Not for a cache. */ bypass: number
                  /** The application failed, and nothing stored could take its place. */ error: number
                  /** Share answered without the application; null: nothing was asked for. */ hitRatio:
                    number | null
                  /** Requests of the cache’s own. */ renewals: number
                  /** Over all workers, each of which has its own. */ entries: number
                  bytes: number
                  maxBytes: number
                  /** Compressed forms, with the bodies that they are of. */ encodedBytes: number
                }
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/switch': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Switch blue and green */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Name of a split: applications.<name>.routes[].split.name */ split: string
            /** Name of an application. */ to: string
            /** For the log and the list of decisions. */ reason?: string
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                name: string
                kind: 'canary' | 'blue-green' | 'ab'
                parts: {
                  application: string
                  /** Percent, in force. */ share: number
                  /** That came to its instances since the present workers started, and not the cache. */ requests: number
                  /** 5xx, or no answer; also where another part answered in the end. */ errors: number
                  latency?: { p50Ms: number; p95Ms: number; p99Ms: number }
                }[]
                /** The application that has the route. */ stable: string
                /** Absent: it is none. */ canary?: {
                  state: 'idle' | 'running' | 'paused' | 'promoted' | 'rolled-back'
                  steps: number[]
                  /** Index into `steps`. */ step: number
                  /** In this step, while it is running. */ elapsedMs?: number
                  holdMs: number
                  /** What the last look said, while it is running. */ verdict?: string
                }
                /** Blue-green: where a rollback goes. */ previous?: string
                /** The last 50, oldest first. */ decisions: {
                  /** Grows by one with each decision about this split. */ sequence: number
                  /** Milliseconds since the epoch. */ at: number
                  decision: 'start' | 'advance' | 'promote' | 'rollback' | 'pause' | 'resume' | 'switch'
                  by: 'controller' | 'operator'
                  /** Shares before, by part. */ from: Record<string, number>
                  /** Shares after, by part. */ to: Record<string, number>
                  reason: string
                  numbers?: {
                    stable: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                    canary: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                  }
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/gateway/actions/undrain-backend': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Take a backend back */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { /** Id of a backend: shop/2 */ backend: string } } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': { result: { backend: string }; durationMs: number; auditId?: string }
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
  '/api/gateway/backends': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Backends with state, requests in flight, failures and the last health check */ get: {
      parameters: { query?: { pool?: string }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              backends: {
                id: string
                pool: string
                address: string
                state: 'up' | 'draining' | 'down'
                /** Out for a moment because it fails requests, or connections to it. */ ejected: boolean
                /** The worst of all workers. */ circuit: 'closed' | 'open' | 'recovering'
                /** Share of its weight that it gets now, 0–1. */ admitted: number
                /** To the response’s head, lately; 0: not measured, which the algorithm or the breaker must want. */ latencyMs: number
                inFlight: number
                requests: number
                failures: number
                /** Its share of the pool’s traffic, relative to the others. */ weight?: number
                health?: {
                  healthy: boolean
                  message: string
                  latencyMs?: number
                  /** Milliseconds since the epoch. */ checkedAt?: number
                  kind?: 'http' | 'tcp' | 'grpc' | 'script'
                  /** Failed checks in a row. */ failures?: number
                  /** When it last went from healthy to unhealthy or back. */ changedAt?: number
                }
              }[]
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
  '/api/gateway/cache': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The HTTP cache: requests by what came of them, and what the workers hold */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              /** null: there is none. */ cache: {
                /** Answered from the cache, fresh. As the other counts: since the present workers started. */ hit: number
                /** Answered stale, while it was renewed or because the application failed. */ stale: number
                /** Answered from the cache after the application confirmed it. */ revalidated: number
                /** Fetched from the application. */ miss: number
                /** Not for a cache. */ bypass: number
                /** The application failed, and nothing stored could take its place. */ error: number
                /** Share answered without the application; null: nothing was asked for. */ hitRatio:
                  number | null
                /** Requests of the cache’s own. */ renewals: number
                /** Over all workers, each of which has its own. */ entries: number
                bytes: number
                maxBytes: number
                /** Compressed forms, with the bodies that they are of. */ encodedBytes: number
              } | null
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
  '/api/gateway/connections': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Visitors’ open connections with the requests in progress on them */ get: {
      parameters: { query?: { limit?: number }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              /** Open at the moment. */ total: number
              connections: {
                /** For close-connection, while it is open. */ id: string
                /** Absent: the engine has one process. */ worker?: number
                address: string
                port: number
                /** HTTP/1.1, HTTP/2, WebSocket. */ protocol: string
                tls: boolean
                /** Milliseconds since the epoch; null: the engine does not say. */ since: number | null
                /** From the visitor, headers included. */ receivedBytes: number | null
                sentBytes: number | null
                /** In progress; none: idle. Several only in HTTP/2. */ requests: {
                  /** null: the engine does not say. */ method: string | null
                  host: string | null
                  /** Without its query, at most 512 characters. */ path: string | null
                  /** The visitor’s address, as far as trusted proxies say it. */ client: string
                  pool: string
                  /** null: it waits for one, or the gateway answers. */ backend: string | null
                  /** queued: waits for a backend or the cache. sent: waits for the answer. tunnel: a WebSocket. */ state:
                    'queued' | 'sent' | 'answering' | 'tunnel'
                  ageMs: number
                }[]
              }[]
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
  '/api/gateway/discovery': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Where backends are looked up (DNS, Consul, Kubernetes), what was found, and why not */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              sources: {
                pool: string
                source: 'dns' | 'consul' | 'kubernetes'
                /** What is looked up, and where. */ target: string
                /** failing: the last question was not answered, and the backends found last stay. */ state:
                  'waiting' | 'ok' | 'failing'
                backends: number
                draining: number
                /** Milliseconds since the epoch. */ answeredAt?: number
                /** When the list last changed. */ changedAt?: number
                error?: string
                /** Failed questions in a row. */ failures: number
              }[]
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
  '/api/gateway/edge': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Certificates and handshakes towards visitors, and the other regions */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              /** null: there is no TLS towards visitors. */ tls: {
                /** The default one first. */ certificates: {
                  /** Its file. */ certificate: string
                  names: string[]
                  /** Milliseconds since the epoch. */ validTo: number
                  /** Negative: it has expired. */ daysLeft: number
                }[]
                /** As the other counts: since the present workers started. */ handshakes: number
                /** Of them, those that went on with a former session. */ resumed: number
                failed: number
              } | null
              /** null: there are none. */ regions: {
                /** null: there are no regions. */ self: string | null
                mode: 'forward' | 'redirect'
                peers: {
                  name: string
                  url: string
                  /** waiting: it has not been asked yet. */ state: 'waiting' | 'up' | 'down'
                  rank: number | null
                  /** Moving average; null: it never answered. */ roundTripMs: number | null
                  /** Why it is out, or did not answer last. */ why: string | null
                  /** Of its clock ahead of the one here, give or take a round trip. */ clockSkewMs:
                    number | null
                  /** Questions without an answer in a row. */ failures: number
                  /** Milliseconds since the epoch. */ answeredAt: number | null
                  changedAt: number | null
                  applications: Record<
                    string,
                    {
                      /** Instances that take requests. */ up: number
                      /** Requests that wait for one. */ queued: number
                      /** Whether it can take requests of other regions. */ takes: boolean
                    }
                  >
                }[]
              } | null
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
  '/api/gateway/pools': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Pools with requests, latency, queue, retries, and how many backends are in which state */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              pools: {
                name: string
                balance:
                  | 'round-robin'
                  | 'weighted-round-robin'
                  | 'least-connections'
                  | 'ip-hash'
                  | 'least-response-time'
                  | 'two-choices'
                  | 'weighted'
                inFlight: number
                queued: number
                /** Since the present workers started. */ requests: number
                retries: number
                /** Since the present workers started; absent before the first request. */ latency?: {
                  p50Ms: number
                  p95Ms: number
                  p99Ms: number
                }
                backends: { up: number; draining: number; down: number }
              }[]
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
  '/api/gateway/requests': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The last requests, from the end of the access log */ get: {
      parameters: { query?: { limit?: number }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              /** Whether there is an access log: MILLRACE_ACCESS_LOG, gateway.accessLog. */ enabled: boolean
              /** Newest first. */ requests: {
                /** When the answer was complete, in milliseconds since the epoch. */ time: number
                method: string
                host?: string
                /** Without its query. */ path: string
                /** 499: the visitor left before there was an answer. */ status: number
                bytes: number
                durationMs: number
                /** Absent: no route, in the engine haproxy. */ pool?: string
                /** Absent: no backend was asked. */ backend?: string
                attempts: number
                split?: string
                cache?: string
                remote?: string
                traceId?: string
                requestId?: string
                worker?: number
              }[]
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
  '/api/gateway/splits': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Splits of traffic: shares, what each part does, the state of canaries, and what was decided */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              splits: {
                name: string
                kind: 'canary' | 'blue-green' | 'ab'
                parts: {
                  application: string
                  /** Percent, in force. */ share: number
                  /** That came to its instances since the present workers started, and not the cache. */ requests: number
                  /** 5xx, or no answer; also where another part answered in the end. */ errors: number
                  latency?: { p50Ms: number; p95Ms: number; p99Ms: number }
                }[]
                /** The application that has the route. */ stable: string
                /** Absent: it is none. */ canary?: {
                  state: 'idle' | 'running' | 'paused' | 'promoted' | 'rolled-back'
                  steps: number[]
                  /** Index into `steps`. */ step: number
                  /** In this step, while it is running. */ elapsedMs?: number
                  holdMs: number
                  /** What the last look said, while it is running. */ verdict?: string
                }
                /** Blue-green: where a rollback goes. */ previous?: string
                /** The last 50, oldest first. */ decisions: {
                  /** Grows by one with each decision about this split. */ sequence: number
                  /** Milliseconds since the epoch. */ at: number
                  decision: 'start' | 'advance' | 'promote' | 'rollback' | 'pause' | 'resume' | 'switch'
                  by: 'controller' | 'operator'
                  /** Shares before, by part. */ from: Record<string, number>
                  /** Shares after, by part. */ to: Record<string, number>
                  reason: string
                  numbers?: {
                    stable: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                    canary: { requests: number; errors: number; p95Ms?: number; p99Ms?: number }
                  }
                }[]
              }[]
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
  '/api/gateway/status': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Whether the gateway is on, which engine moves the requests, and where */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              /** gateway.enabled, LOAD_BALANCER_ENABLED. */ enabled: boolean
              /** false: there is no `millrace up`, and so there are no workers. */ supervisor: boolean
              engine: 'node' | 'haproxy'
              /** Where visitors are answered. */ address?: string
              accessLog: boolean
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
  '/api/gateway/workers': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Worker processes with state and restarts, and the visitors’ open connections over all of them */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              connections: number
              inFlight: number
              workers: {
                id: string
                state: 'starting' | 'ready' | 'draining' | 'restarting' | 'failed' | 'stopped'
                pid?: number
                address?: string
                readySince?: number
                restarts: number
                lastFailure?: { at: number; reason: string }
              }[]
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
  '/api/incidents': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** What broke, and how it came back, newest first */ get: {
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
  '/api/jobs': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Background work: waiting, running and dead */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              queues: {
                queue: string
                waiting: number
                active: number
                /** Retries used up; kept for seven days. */ failed: number
              }[]
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
  '/api/monitoring/actions/export': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Export */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** How far back: 15m, 24h, 7d. */ timeRange?: string
            format?: 'json' | 'csv'
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: { from: number; to: number; rows: Record<string, string | number | null>[] } | string
              durationMs: number
              auditId?: string
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
  '/api/monitoring/actions/flush': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Save metrics now */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, never> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': { result: { stored: boolean }; durationMs: number; auditId?: string }
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
  '/api/monitoring/actions/metrics': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Measured performance */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: { 'application/json': { /** How far back: 15m, 24h, 7d. */ timeRange?: string } }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                from: number
                to: number
                /** What the request numbers were read from. */ source: 'gateway' | 'application' | null
                requests: {
                  ratePerSecond: number | null
                  total: number | null
                  errorRatio: number | null
                  p50Seconds: number | null
                  p95Seconds: number | null
                  p99Seconds: number | null
                }
                system: {
                  cpuRatio: number | null
                  memoryUsedBytes: number | null
                  memoryTotalBytes: number | null
                  memoryRatio: number | null
                  load1: number | null
                }
                database: { p95Seconds: number | null; ratePerSecond: number | null }
                cache: { hitRatio: number | null }
              }
              durationMs: number
              auditId?: string
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
  '/api/monitoring/actions/recommendations': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Recommendations */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, never> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                recommendations: {
                  id: string
                  severity: 'info' | 'warning' | 'critical'
                  title: string
                  why: string
                  evidence: {
                    metric: string
                    value: number
                    target?: number
                    unit?: string
                    source: string
                  }[]
                  impact: { metric: string; estimate: string; confidence: number }
                  difficulty: 'easy' | 'moderate' | 'hard'
                  action?: { name: string; input: unknown }
                  verify: { metric: string; windowMs: number; keepIf: string }
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/monitoring/actions/slow-queries': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Slow queries */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': { /** How far back: 15m, 24h, 7d. */ timeRange?: string; limit?: number }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                from: number
                to: number
                thresholdMs: number
                /** Measured per first SQL keyword; texts are not collected. */ granularity: 'operation'
                queries: {
                  service: string
                  operation: string
                  calls: number
                  p95Ms: number
                  meanMs: number
                  slow: boolean
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/monitoring/catalogue': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Metrics seen, with kind, unit, labels and number of series */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              metrics: {
                name: string
                kind: 'counter' | 'gauge' | 'histogram'
                unit: string
                labels: string[]
                series: number
              }[]
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
  '/api/monitoring/latest': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The newest value of each series */ get: {
      parameters: {
        query: {
          metric: string
          aggregate: 'rate' | 'sum' | 'avg' | 'min' | 'max' | 'last' | 'p50' | 'p90' | 'p95' | 'p99' | 'p999'
          by?: string
          windowMs?: number
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
            'application/json': { values: { labels: Record<string, string>; value: number; at: number }[] }
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
  '/api/monitoring/overview': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The last five minutes in a dozen numbers */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              windowMs: number
              /** What the request numbers were read from. */ source: 'gateway' | 'application' | null
              requests: {
                ratePerSecond: number | null
                total: number | null
                errorRatio: number | null
                p50Seconds: number | null
                p95Seconds: number | null
                p99Seconds: number | null
              }
              system: {
                cpuRatio: number | null
                memoryUsedBytes: number | null
                memoryTotalBytes: number | null
                memoryRatio: number | null
                load1: number | null
              }
              database: { p95Seconds: number | null; ratePerSecond: number | null }
              cache: { hitRatio: number | null }
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
  '/api/monitoring/range': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** A metric over time, downsampled to a width */ get: {
      parameters: {
        query: {
          metric: string
          aggregate: 'rate' | 'sum' | 'avg' | 'min' | 'max' | 'last' | 'p50' | 'p90' | 'p95' | 'p99' | 'p999'
          by?: string
          from?: string | number
          to?: string | number
          width?: number
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
  '/api/monitoring/total': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** A metric over a whole range as one value per series */ get: {
      parameters: {
        query: {
          metric: string
          aggregate: 'rate' | 'sum' | 'avg' | 'min' | 'max' | 'last' | 'p50' | 'p90' | 'p95' | 'p99' | 'p999'
          by?: string
          from?: string | number
          to?: string | number
        }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { values: { labels: Record<string, string>; value: number }[] } }
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
  '/api/optimization/{path}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Run a reading action */ get: {
      parameters: { query?: { action?: string }; path: { path: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: { headers: Record<string, unknown>; content: { 'application/json': unknown } }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    /** Run an action */ post: {
      parameters: { query?: { action?: string }; path: { path: string }; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, unknown> } }
      responses: {
        200: { headers: Record<string, unknown>; content: { 'application/json': unknown } }
        default: {
          headers: Record<string, unknown>
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/api/performance/alerts': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Alerts of a time range */ get: {
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
    /** Overview: cdn */ get: {
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
    /** Everything at a glance */ get: {
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
    /** Overview: database */ get: {
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
    /** The newest values */ get: {
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
    /** Overview: optimization */ get: {
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
    /** Optimise now */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { /** Default: everything. */ targets?: string[] } } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { result: Record<string, unknown>; auditId?: string } }
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
    /** A report as JSON or CSV */ get: {
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
            'text/csv': string
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
    /** Change the number of instances of a pool */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': { /** Default: the only pool there is. */ pool?: string; instances: number }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': { pool: components['schemas']['ScalePool']; auditId?: string } }
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
    /** Overview: scaling */ get: {
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
    /** Settings that can be changed while running */ get: {
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
    /** Change settings while running */ put: {
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
    /** What could be better, with evidence */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              recommendations: {
                capability: string
                id: string
                severity: 'info' | 'warning' | 'critical'
                title: string
                why: string
                evidence: { metric: string; value: number; target?: number; unit?: string; source: string }[]
                impact: { metric: string; estimate: string; confidence: number }
                difficulty: 'easy' | 'moderate' | 'hard'
                action?: { name: string; input: unknown }
                verify: { metric: string; windowMs: number; keepIf: string }
              }[]
              /** Capabilities that could not say now. */ failed: { capability: string; reason: string }[]
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
  '/api/runtime': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Everything the supervisor keeps alive */ get: {
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
  '/api/scaling/actions/list': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** List instances */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': Record<string, never> } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
                pools: {
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
                    readySince?: number
                    restarts: number
                  }[]
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/scaling/actions/restart': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Rolling restart */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { /** Name of the application. */ pool: string } } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
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
                  readySince?: number
                  restarts: number
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/scaling/actions/scale': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Change the number of instances */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            /** Name of the application. */ pool: string
            /** How many should run. */ instances: number
          }
        }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
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
                  readySince?: number
                  restarts: number
                }[]
                previous: number
              }
              durationMs: number
              auditId?: string
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
  '/api/scaling/actions/stop-instance': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Stop an instance */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: {
        content: { 'application/json': { /** Id of the instance, such as shop/2. */ instance: string } }
      }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              result: {
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
                  readySince?: number
                  restarts: number
                }[]
              }
              durationMs: number
              auditId?: string
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
  '/api/scaling/pools': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** Applications with their instances, bounds and states. */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': {
              pools: {
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
                  readySince?: number
                  restarts: number
                }[]
              }[]
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
  '/api/tokens': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** All API tokens */ get: {
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
    /** Create an API token */ post: {
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
        201: {
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
    /** Revoke an API token */ delete: {
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
    /** All users */ get: {
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
    /** Add a user */ post: {
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
        201: {
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
    /** Remove a user */ delete: {
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
    /** Change a user */ patch: {
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
    /** Run any action of any capability */ post: {
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
    /** The process lives */ get: {
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
    /** What it depends on answers, with latency */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: Record<string, unknown>
          content: { 'application/json': components['schemas']['Readiness'] }
        }
        503: {
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
  '/metrics': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    /** The control plane’s metrics as Prometheus text */ get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: { headers: Record<string, unknown>; content: { 'text/plain': string } }
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
  '/v1/metrics': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    /** Receive metrics (OTLP/HTTP JSON) */ post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': unknown } }
      responses: {
        200: {
          headers: Record<string, unknown>
          content: {
            'application/json': { partialSuccess?: { rejectedDataPoints: string; errorMessage: string } }
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
      state: 'starting' | 'running' | 'degraded' | 'failed'
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
