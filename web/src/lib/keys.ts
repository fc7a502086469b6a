import { createContext, useContext } from "react";

/** Whether single keys do something; the app sets it. */
export const KeysContext = createContext(true);

export const useKeysOn = () => useContext(KeysContext);
