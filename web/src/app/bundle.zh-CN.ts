import { byFeature } from "./features.ts";

/** The texts of all other features in this language, by the name of the feature's folder. */
const found = import.meta.glob<object>(["../features/*/texts.zh-CN.ts", "!../features/{inbox,profile,session}/texts.zh-CN.ts"], { eager: true, import: "default" });

export default byFeature(found);
