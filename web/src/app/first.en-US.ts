import { byFeature } from "./features.ts";

/** The texts of the first pages and of what stands around all pages, in this language. */
const found = import.meta.glob<object>(["../features/{inbox,profile,session}/texts.en-US.ts", "../components/ui/texts.en-US.ts", "./texts.en-US.ts"], { eager: true, import: "default" });

export default byFeature(found);
