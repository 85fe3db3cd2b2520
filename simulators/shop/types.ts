import type { Decimal } from 'decimal.js';

/**
 * What a shop is, whichever software it runs on: what it sells, to whom, and what was ordered. Ids are text of digits, in the order in which
 * things came about, as both WooCommerce and PrestaShop have them.
 */

export interface ShopSettings {
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Decimal places of the currency. */
  readonly digits: number;
  /** Whether prices of products are entered with tax. Shipping and fees never are. */
  readonly pricesIncludeTax: boolean;
  /** Where tax is rounded: on each line, or on the sum of all lines. */
  readonly roundsAt: 'line' | 'subtotal';
  /** IANA name: in it the shop tells its own time. */
  readonly timeZone: string;
}

export interface TaxRate {
  readonly id: string;
  readonly name: string;
  /** In percent, such as `8.1`. */
  readonly percentage: string;
  /** ISO 3166, or empty for everywhere. */
  readonly country: string;
  /** On what the rates before it come to as well. */
  readonly isCompound?: boolean;
}

export interface ShopProduct {
  readonly id: string;
  readonly name: string;
  readonly sku: string;
  /** As it is entered: with tax where the shop says so. */
  readonly price: string;
  /** Each of them on the price without tax; none: the product is not taxed. */
  readonly taxRateIds: readonly string[];
}

export interface Billing {
  readonly firstName: string;
  readonly lastName: string;
  readonly company: string;
  readonly email: string;
  readonly phone: string;
  readonly street: string;
  readonly street2: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
  /** ISO 3166. */
  readonly country: string;
}

export interface ShopCustomer {
  readonly id: string;
  readonly billing: Billing;
}

/** What is known of it. */
export type PartOfBilling = { readonly [field in keyof Billing]?: string | undefined };

/** Takes so much of every product, or so much of all products together. */
export interface Coupon {
  readonly code: string;
  readonly kind: 'percent' | 'amount';
  readonly value: string;
}

export const statusNames = ['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed'] as const;
export type StatusName = (typeof statusNames)[number];

/** A line somebody orders. */
export interface WantedLine {
  readonly productId: string;
  readonly quantity: number;
  /** For one piece, where it is not that of the product. */
  readonly price?: string | undefined;
  /** What a person takes off the line by hand, in percent. */
  readonly discountPercent?: string | undefined;
  /** Such as a size or a colour. */
  readonly description?: string | undefined;
}

/** Shipping or a fee; without tax. A fee may be negative. */
export interface WantedCharge {
  readonly name: string;
  readonly price: string;
  readonly taxRateIds: readonly string[];
}

export interface WantedOrder {
  /** ISO 8601 with zone; now unless told. */
  readonly placedAt?: string | undefined;
  /** Null: a guest. */
  readonly customerId?: string | null | undefined;
  /** That of the customer unless told; a guest must tell. */
  readonly billing?: PartOfBilling | undefined;
  readonly currency?: string | undefined;
  readonly lines: readonly WantedLine[];
  readonly shipping?: readonly WantedCharge[] | undefined;
  readonly fees?: readonly WantedCharge[] | undefined;
  readonly coupons?: readonly string[] | undefined;
  readonly note?: string | undefined;
  readonly status?: StatusName | undefined;
  /** ISO 8601 with zone; null: not paid. Unless told, placing is paying where the status is one of those of paid orders. */
  readonly paidAt?: string | null | undefined;
}

/** What one rate takes of a line: exact to the sixth place, as WooCommerce keeps it. */
export interface LineTax {
  readonly rateId: string;
  readonly amount: Decimal;
}

export interface Priced {
  /** Without tax, of the whole line. */
  readonly net: Decimal;
  readonly taxes: readonly LineTax[];
}

export interface ShopLine {
  readonly id: string;
  readonly kind: 'product' | 'shipping' | 'fee';
  readonly name: string;
  readonly description: string;
  /** Null: the shop no longer has the product. */
  readonly sku: string | null;
  readonly productId: string | null;
  readonly quantity: number;
  readonly taxRateIds: readonly string[];
  /** Before discounts and after them; of shipping and fees the same. */
  readonly before: Priced;
  readonly after: Priced;
}

export interface OrderCoupon {
  readonly id: string;
  readonly code: string;
  /** Without tax, of all lines. */
  readonly discount: Decimal;
  readonly discountTax: Decimal;
}

export interface RefundLine {
  /** Of the order. */
  readonly lineId: string;
  /** Its own. */
  readonly id: string;
  readonly quantity: number;
  readonly priced: Priced;
}

export interface ShopRefund {
  readonly id: string;
  readonly reason: string;
  readonly refundedAtMs: number;
  /** With tax; zero or more. */
  readonly total: Decimal;
  readonly lines: readonly RefundLine[];
}

export interface ShopOrder {
  readonly id: string;
  readonly number: string;
  readonly status: StatusName;
  readonly currency: string;
  readonly pricesIncludeTax: boolean;
  readonly placedAtMs: number;
  readonly changedAtMs: number;
  readonly paidAtMs: number | null;
  readonly completedAtMs: number | null;
  readonly customerId: string | null;
  readonly billing: Billing;
  readonly lines: readonly ShopLine[];
  readonly coupons: readonly OrderCoupon[];
  readonly refunds: readonly ShopRefund[];
  readonly note: string;
  /** With tax and after discounts. */
  readonly total: Decimal;
  readonly totalTax: Decimal;
  /** In the bin of the shop. */
  readonly isTrashed: boolean;
}

/** Everything a shop begins with. */
export interface ShopData {
  readonly settings: ShopSettings;
  readonly taxRates: readonly TaxRate[];
  readonly products: readonly ShopProduct[];
  readonly customers: readonly ShopCustomer[];
  readonly coupons: readonly Coupon[];
  readonly orders: readonly InitialOrder[];
}

export interface WantedRefund {
  /** Of the order, and how much of each; the amount is without tax and follows the quantity unless told. */
  readonly lines?: readonly { readonly lineId: string; readonly quantity: number }[] | undefined;
  /** With tax; the sum of the lines unless told, and all that is left where there are no lines either. */
  readonly amount?: string | undefined;
  readonly reason?: string | undefined;
  /** ISO 8601 with zone; now unless told. */
  readonly refundedAt?: string | undefined;
}

/** An order of the data set with what has happened to it since. */
export interface InitialOrder extends WantedOrder {
  /** Its number where the shop gave it one of its own. */
  readonly number?: string | undefined;
  /** Lines are named by their place among all lines of the order, from 0. */
  readonly refunds?: readonly { readonly lines?: readonly { readonly line: number; readonly quantity: number }[] | undefined; readonly amount?: string | undefined; readonly reason?: string | undefined; readonly refundedAt?: string | undefined }[] | undefined;
}
