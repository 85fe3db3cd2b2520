/** The systems on the other side, as people call them. */
const titles: Readonly<Record<string, string>> = { hector: 'Hector', woocommerce: 'WooCommerce', prestashop: 'PrestaShop' };

/** Their names in commands and settings. */
export const systems: readonly string[] = Object.keys(titles);

/** @param system as an integration names it */
export function systemTitle(system: string): string {
  return titles[system] ?? `${system.charAt(0).toUpperCase()}${system.slice(1)}`;
}
