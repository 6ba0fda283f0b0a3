const KEYWORDS = new Set(
  `SELECT INSERT UPDATE DELETE MERGE WITH VALUES TABLE COPY CALL DO
   BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE PREPARE EXECUTE DEALLOCATE DECLARE FETCH MOVE CLOSE
   CREATE ALTER DROP TRUNCATE COMMENT GRANT REVOKE REINDEX REFRESH CLUSTER VACUUM ANALYZE EXPLAIN
   SET RESET SHOW DISCARD LOCK LISTEN NOTIFY UNLISTEN CHECKPOINT`.split(/\s+/),
)

// Leading white space, comments and parentheses; bounded so that a hostile text costs nothing.
const LEADING = /^(?:\s|\(|--[^\n]{0,1000}\n|\/\*[^*]{0,1000}\*\/){0,20}([A-Za-z]{2,12})(?!\w)/

const known = new Map<string, string>()
const MAX_KNOWN = 1_000

/** The first keyword of a statement, `OTHER` for anything unknown: a label, and never a part of the text itself. */
export function sqlOperation(text: unknown): string {
  if (typeof text !== 'string') return 'OTHER'
  const cached = known.get(text)
  if (cached !== undefined) return cached
  const keyword = LEADING.exec(text)?.[1]?.toUpperCase() ?? ''
  const operation = KEYWORDS.has(keyword) ? keyword : 'OTHER'
  // Statements with parameters repeat; those with values in them must not fill the memory.
  if (known.size < MAX_KNOWN && text.length < 2_000) known.set(text, operation)
  return operation
}
