export { describedBody as bodyOf, describedPointer as pointerOf, type DescribedValues as BotValues, describedValues as initialOf } from "@/components/ui";
