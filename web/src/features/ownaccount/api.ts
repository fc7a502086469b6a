import { accountSelf, accountSelfUpdate } from "@api/sdk.gen";
import type { AccountDetail, AccountEdit } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Sending, useEdit } from "@/components/ui";
import { profileQuery } from "@/lib/can";

export type Account = AccountDetail;

const read = async () => (await accountSelf()).data;

export function useAccount() {
  return useQuery({ queryKey: ["account", "self"], queryFn: read });
}

const values = ({ name, language, time_zone, inbox_per_resource }: Account): Required<AccountEdit> => ({ name, language: language as "en-US", time_zone, inbox_per_resource });

export function useAccountForm(account: Account, done: () => void) {
  const client = useQueryClient();
  const saved = async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ["account"] }), client.invalidateQueries({ queryKey: profileQuery.queryKey })]);
    done();
  };
  return useEdit({
    current: account,
    values,
    send: (body: AccountEdit, { headers }: Sending) => accountSelfUpdate({ body, headers }),
    read,
    done: () => void saved(),
  });
}
