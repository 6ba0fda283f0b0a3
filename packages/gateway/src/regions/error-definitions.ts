/** What gateways tell each other; part of `gatewayErrors`. */
export const regionErrorDefinitions = {
  REGION_REFUSED: {
    status: 403,
    title: 'Not a request of another region',
    message: (d: { reason: string }) =>
      `The request says that another region forwarded it, which is not so: ${d.reason}.`,
    expose: true,
  },
}
