/** React moves it into the document's head. */
export const PageTitle = ({ title }: { title: string }) => <title>{`${title} · Tailrace`}</title>
