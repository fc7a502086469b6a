/** The texts of all features in this language, by the name of the feature's folder. */
const found = import.meta.glob<object>(["../features/*/texts.zh-CN.ts", "../components/ui/texts.zh-CN.ts", "./texts.zh-CN.ts"], { eager: true, import: "default" });

export default Object.fromEntries(Object.entries(found).map(([path, texts]) => [path.split("/").at(-2)?.replace(/^\.$/, "app") ?? "", texts]));
