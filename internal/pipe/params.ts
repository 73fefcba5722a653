/** KrakenD's inner form of a parameter's name: the first letter upper-cased, the rest as it is (`id_user` → `Id_user`). */
export const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
