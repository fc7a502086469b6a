const texts = {
  brand: { name: "Name", logo: "Logo", color: "Colour on light ground", dark: "Colour on dark ground", footer: "Footer", support: "Support" },
  brandNote: "Part of the configuration (BELFRY_BRAND…): every process reads it when it starts.",
  brandTitle: "Brand",
  degraded: "Not all parts work",
  failed: "Does not work",
  none: "none",
  ok: "All parts work",
  own: "Belfry's own",
  part: { database: "Database", storage: "Storage takes writes", temporal: "Temporal", process: "Process" },
  partsTitle: "Parts",
  providersNone: "No provider yet: nothing leaves Belfry.",
  providersTitle: "Providers",
  title: "Platform",
  url: "Address of the site",
  version: "Version",
  works: "Works",
};

export default texts;

declare module "@/lib/i18n" {
  interface Texts {
    health: typeof texts;
  }
}
