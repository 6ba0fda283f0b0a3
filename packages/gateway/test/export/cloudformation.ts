import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'

interface PropertyType {
  type: string
  element?: PropertyType
  types?: PropertyType[]
  reference?: { $ref: string }
}

interface Property {
  type: PropertyType
  required?: boolean
}

const specification = loadAwsServiceSpecSync()

/** What is wrong with a template's resources by the schema that AWS publishes for them. */
export function problemsOf(template: unknown): string[] {
  const { Resources } = template as { Resources: Record<string, { Type: string; Properties: object }> }
  return Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
    const [resource] = specification.lookup('resource', 'cloudFormationType', 'equals', Type)
    if (resource === undefined) return [`${id}: there is no ${Type}`]
    return ofObject(id, Properties, resource.properties as Record<string, Property>)
  })
}

function ofObject(path: string, value: object, properties: Record<string, Property>): string[] {
  const missing = Object.entries(properties)
    .filter(([name, { required }]) => required === true && !(name in value))
    .map(([name]) => `${path}.${name} is missing`)
  const wrong = Object.entries(value).flatMap(([name, item]) => {
    const property = properties[name]
    return property === undefined
      ? [`${path}.${name} is not a property`]
      : ofType(`${path}.${name}`, item, property.type)
  })
  return [...missing, ...wrong]
}

function ofType(path: string, value: unknown, type: PropertyType): string[] {
  const is = (right: boolean): string[] => (right ? [] : [`${path} is not ${type.type}`])
  if (typeof value === 'object' && value !== null && 'Ref' in value) return []
  switch (type.type) {
    case 'string':
      return is(typeof value === 'string')
    case 'integer':
      return is(Number.isInteger(value))
    case 'number':
      return is(typeof value === 'number')
    case 'boolean':
      return is(typeof value === 'boolean')
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, at) => ofType(`${path}[${at}]`, item, type.element!))
        : is(false)
    case 'union':
      return type.types!.some((one) => ofType(path, value, one).length === 0) ? [] : is(false)
    case 'ref': {
      const definition = specification.get('typeDefinition', type.reference!.$ref)
      return typeof value === 'object' && value !== null
        ? ofObject(path, value, definition.properties as Record<string, Property>)
        : is(false)
    }
    default:
      return [`${path} has the type ${type.type}, which this check does not know`]
  }
}
