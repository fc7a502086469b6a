package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// newContact makes a person; each address is "channel:key:state".
func newContact(t *testing.T, s *store.Store, account models.AccountID, name string, addresses ...string) models.Contact {
	t.Helper()
	c := models.Contact{Kind: models.ContactPerson, Name: name, Enabled: true}
	for _, text := range addresses {
		parts := strings.Split(text, ":")
		c.Addresses = append(c.Addresses, models.Address{
			Channel: models.Channel(parts[0]), Value: parts[1], ValueKey: parts[1], State: models.AddressState(parts[2]),
		})
	}
	write(t, s, func(tx *store.Tx) error { return tx.In(account).Contacts().Create(t.Context(), &c) })
	return c
}

func names(contacts []models.Contact) []string {
	list := []string{}
	for _, c := range contacts {
		list = append(list, c.Name)
	}
	return list
}

// TestContactsAreFoundTheSameOnBothDatabases: case does not count in a search, but
// accents, width and trailing spaces do, and wildcards are letters.
func TestContactsAreFoundTheSameOnBothDatabases(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, s *store.Store, c *clock) {
		account, other := storetest.Account(t, s, "acme").Account.ID, storetest.Account(t, s, "other").Account.ID
		for i, name := range []string{"Zoë", "ZOE", "Ｚｏｅ", "王小明", "100%_x"} {
			c.Advance(time.Second)
			newContact(t, s, account, name, fmt.Sprintf("email:p%d@x.example:pending", i), fmt.Sprintf("sms:+861380013800%d:verified", i))
		}
		newContact(t, s, other, "zoe", "email:p0@x.example:pending")
		off, on := false, true
		write(t, s, func(tx *store.Tx) error {
			list, _, err := tx.In(account).Contacts().List(t.Context(), store.ContactFilter{Search: "王"}, store.Page{})
			if err != nil || len(list) != 1 {
				t.Fatalf("Contacts(王) = %v, %v", names(list), err)
			}
			_, _, err = tx.In(account).Contacts().Update(t.Context(), list[0].ID, 0, func(c *models.Contact) error { c.Enabled = false; return nil })
			return err
		})
		for _, ask := range []struct {
			filter store.ContactFilter
			want   string
		}{
			{store.ContactFilter{}, "[100%_x 王小明 Ｚｏｅ ZOE Zoë acme]"},
			{store.ContactFilter{Search: "zo"}, "[ZOE Zoë]"},
			{store.ContactFilter{Search: "ZOË"}, "[Zoë]"},
			{store.ContactFilter{Search: "ｚ"}, "[Ｚｏｅ]"},
			{store.ContactFilter{Search: "zoe "}, "[]"},
			{store.ContactFilter{Search: "%"}, "[100%_x]"},
			{store.ContactFilter{Search: "_"}, "[100%_x]"},
			{store.ContactFilter{Search: `\`}, "[]"},
			{store.ContactFilter{Search: "P1@X.EXAMPLE"}, "[ZOE]"},
			{store.ContactFilter{Search: "138001380"}, "[100%_x 王小明 Ｚｏｅ ZOE Zoë]"},
			{store.ContactFilter{Search: "ACME"}, "[acme]"},
			{store.ContactFilter{Enabled: &off}, "[王小明]"},
			{store.ContactFilter{Enabled: &on, Search: "x"}, "[100%_x Ｚｏｅ ZOE Zoë acme]"},
			{store.ContactFilter{Channel: models.ChannelSMS}, "[100%_x 王小明 Ｚｏｅ ZOE Zoë]"},
			{store.ContactFilter{State: models.AddressVerified}, "[100%_x 王小明 Ｚｏｅ ZOE Zoë acme]"},
			{store.ContactFilter{Channel: models.ChannelEmail, State: models.AddressVerified}, "[acme]"},
			{store.ContactFilter{Channel: "sms "}, "[]"},
			{store.ContactFilter{UserID: "usr_none"}, "[]"},
		} {
			list, next, err := s.In(account).Contacts().List(t.Context(), ask.filter, store.Page{})
			if err != nil || next != "" || fmt.Sprint(names(list)) != ask.want {
				t.Errorf("Contacts(%+v) = %v, %q, %v, want %s", ask.filter, names(list), next, err, ask.want)
			}
		}
		all, next, err := s.In(account).Contacts().List(t.Context(), store.ContactFilter{Search: "x"}, store.Page{Limit: 2})
		if err != nil || next == "" || len(all[0].Addresses) != 2 || all[0].Addresses[0].Channel != models.ChannelEmail {
			t.Fatalf("first page = %+v, %q, %v", all, next, err)
		}
		rest, _, err := s.In(account).Contacts().List(t.Context(), store.ContactFilter{Search: "x"}, store.Page{After: next})
		if err != nil || fmt.Sprint(names(rest)) != "[Ｚｏｅ ZOE Zoë acme]" {
			t.Errorf("second page = %v, %v", names(rest), err)
		}
	})
}

func TestContactsBelongToOneAccount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		in, other := storetest.Account(t, s, "acme"), storetest.Account(t, s, "other").Account.ID
		mine := newContact(t, s, in.Account.ID, "Zoe", "email:a@x.example:pending")
		_, err := s.In(other).Contacts().ByID(t.Context(), mine.ID)
		wantCode(t, err, models.CodeNotFound)
		list, err := s.In(other).Contacts().ByIDs(t.Context(), []string{mine.ID})
		if err != nil || len(list) != 0 {
			t.Errorf("ContactsByID() of another account = %v, %v", list, err)
		}
		foreign := map[string]func(tx store.TxScope) error{
			"update": func(tx store.TxScope) error {
				_, _, err := tx.Contacts().Update(t.Context(), mine.ID, 0, func(*models.Contact) error { return nil })
				return err
			},
			"delete": func(tx store.TxScope) error { _, err := tx.Contacts().Delete(t.Context(), mine.ID); return err },
			"waive": func(tx store.TxScope) error {
				_, _, err := tx.Contacts().WaiveAddress(t.Context(), mine.ID, mine.Addresses[0].ID)
				return err
			},
		}
		for name, do := range foreign {
			if err := s.Write(t.Context(), func(tx *store.Tx) error { return do(tx.In(other)) }); models.CodeOf(err) != models.CodeNotFound {
				t.Errorf("%s by another account = %v", name, err)
			}
		}
		for name, do := range map[string]func(tx store.TxScope) error{
			"update": func(tx store.TxScope) error {
				_, _, err := tx.Contacts().Update(t.Context(), in.Contact.ID, 0, func(*models.Contact) error { return nil })
				return err
			},
			"delete": func(tx store.TxScope) error { _, err := tx.Contacts().Delete(t.Context(), in.Contact.ID); return err },
		} {
			if err := s.Write(t.Context(), func(tx *store.Tx) error { return do(tx.In(in.Account.ID)) }); models.CodeOf(err) != models.CodeAccountContact {
				t.Errorf("%s of the account contact = %v", name, err)
			}
		}
	})
}

func TestContactLimitsHoldUnderParallelCalls(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		write(t, s, func(tx *store.Tx) error {
			_, _, err := tx.Platform().Accounts().Update(t.Context(), account, 0, func(a *models.Account) error {
				a.MaxContacts, a.MaxGroups = 5, 3
				return nil
			})
			return err
		})
		create := map[string]func(tx store.TxScope) error{
			"5": func(tx store.TxScope) error {
				return tx.Contacts().Create(t.Context(), &models.Contact{Kind: models.ContactPerson, Name: "a"})
			},
			"3": func(tx store.TxScope) error {
				return tx.ContactGroups().Create(t.Context(), &models.ContactGroup{Name: "a"})
			},
		}
		for limit, do := range create {
			errs := make(chan error, 9)
			var wg sync.WaitGroup
			for range cap(errs) {
				wg.Go(func() { errs <- s.Write(t.Context(), func(tx *store.Tx) error { return do(tx.In(account)) }) })
			}
			wg.Wait()
			close(errs)
			made := 0
			for err := range errs {
				switch {
				case err == nil:
					made++
				case models.CodeOf(err) != models.CodeLimit || !strings.Contains(err.Error(), "the limit is "+limit):
					t.Errorf("beyond the limit = %v, want limit-reached and the number", err)
				}
			}
			if fmt.Sprint(made) != limit {
				t.Errorf("%d were made, want %s", made, limit)
			}
		}
	})
}

func TestAUserHasOneContact(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		user := models.User{Kind: models.UserSub, Name: "zoe", Enabled: true}
		write(t, s, func(tx *store.Tx) error { return tx.In(account).Users().Create(t.Context(), &user) })
		link := func(id, user string) error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				_, _, err := tx.In(account).Contacts().Update(t.Context(), id, 0, func(c *models.Contact) error { c.UserID = user; return nil })
				return err
			})
		}
		a, b := newContact(t, s, account, "a"), newContact(t, s, account, "b")
		if err := link(a.ID, user.ID); err != nil {
			t.Fatal(err)
		}
		wantCode(t, link(b.ID, user.ID), models.CodeConflict)
		got, err := s.In(account).Contacts().OfUser(t.Context(), user.ID)
		if err != nil || got.ID != a.ID {
			t.Errorf("UserContact() = %+v, %v", got, err)
		}
		write(t, s, func(tx *store.Tx) error { _, err := tx.In(account).Users().Delete(t.Context(), user.ID); return err })
		_, err = s.In(account).Contacts().OfUser(t.Context(), user.ID)
		wantCode(t, err, models.CodeNotFound)
		got, err = s.In(account).Contacts().ByID(t.Context(), a.ID)
		if err != nil || got.UserID != "" || got.Version != 3 {
			t.Errorf("the contact of a deleted user = %+v, %v", got, err)
		}
	})
}

func TestAGroupHasItsMembersOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account, other := storetest.Account(t, s, "acme").Account.ID, storetest.Account(t, s, "other").Account.ID
		a, b, stranger := newContact(t, s, account, "a"), newContact(t, s, account, "b"), newContact(t, s, other, "s")
		group := models.ContactGroup{Name: "ops"}
		write(t, s, func(tx *store.Tx) error { return tx.In(account).ContactGroups().Create(t.Context(), &group) })
		change := func(m store.Membership) store.MembershipChange {
			t.Helper()
			var out store.MembershipChange
			write(t, s, func(tx *store.Tx) (err error) {
				out, err = tx.In(account).ContactGroups().ChangeMembers(t.Context(), group.ID, 0, m)
				return err
			})
			return out
		}
		wantMembers := func(want ...string) {
			t.Helper()
			list, _, err := s.In(account).Contacts().List(t.Context(), store.ContactFilter{GroupID: group.ID}, store.Page{})
			got := names(list)
			slices.Sort(got)
			sizes, sizeErr := s.In(account).ContactGroups().Sizes(t.Context(), group.ID)
			if err != nil || sizeErr != nil || !slices.Equal(got, want) || sizes[group.ID] != len(want) {
				t.Errorf("members = %v (%d), %v, want %v", got, sizes[group.ID], err, want)
			}
		}
		wantMembers([]string{}...)
		out := change(store.Membership{Add: []string{a.ID, a.ID, stranger.ID, "x y"}})
		if !slices.Equal(out.Unknown, []string{stranger.ID, "x y"}) || len(out.Before) != 0 || !slices.Equal(out.After, []string{a.ID}) || out.Group.Version != 2 {
			t.Errorf("ChangeMembers() = %+v", out)
		}
		change(store.Membership{Add: []string{a.ID, b.ID}, Remove: []string{stranger.ID}})
		wantMembers("a", "b")
		change(store.Membership{Add: []string{b.ID}, Only: true})
		wantMembers("b")
		change(store.Membership{Add: []string{a.ID}, Remove: []string{b.ID}})
		wantMembers("a")
		groups, err := s.In(account).ContactGroups().Of(t.Context(), a.ID, b.ID)
		if err != nil || len(groups) != 1 || len(groups[a.ID]) != 1 || groups[a.ID][0].Name != "ops" {
			t.Errorf("GroupsOf() = %v, %v", groups, err)
		}
		if list, _, err := s.In(other).Contacts().List(t.Context(), store.ContactFilter{GroupID: group.ID}, store.Page{}); err != nil || len(list) != 0 {
			t.Errorf("another account sees members: %v, %v", list, err)
		}
		wantCode(t, s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.In(other).ContactGroups().ChangeMembers(t.Context(), group.ID, 0, store.Membership{Add: []string{stranger.ID}})
			return err
		}), models.CodeNotFound)
		write(t, s, func(tx *store.Tx) error { _, err := tx.In(account).Contacts().Delete(t.Context(), a.ID); return err })
		wantMembers([]string{}...)
		change(store.Membership{Add: []string{b.ID}})
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.In(account).ContactGroups().Delete(t.Context(), group.ID)
			return err
		})
		_, err = s.In(account).ContactGroups().ByID(t.Context(), group.ID)
		wantCode(t, err, models.CodeNotFound)
		if got, err := s.In(account).Contacts().ByID(t.Context(), b.ID); err != nil || got.Name != "b" {
			t.Errorf("a member of a deleted group = %+v, %v", got, err)
		}
	})
}

func TestPositionsInUseStay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		shipped, err := s.Platform().Positions().List(t.Context())
		if err != nil || len(shipped) < 5 || shipped[0].Names[models.LocaleZH] == "" || shipped[0].Names[models.LocaleEN] == "" {
			t.Fatalf("Positions() = %v, %v", shipped, err)
		}
		c := newContact(t, s, account, "a")
		write(t, s, func(tx *store.Tx) error {
			held, err := tx.Platform().Positions().Hold(t.Context(), "finance")
			if err != nil || !held {
				t.Errorf("HoldPosition(finance) = %v, %v", held, err)
			}
			for _, unknown := range []string{"", "Finance", "finance ", "none"} {
				if held, err := tx.Platform().Positions().Hold(t.Context(), unknown); err != nil || held {
					t.Errorf("HoldPosition(%q) = %v, %v", unknown, held, err)
				}
			}
			_, _, err = tx.In(account).Contacts().Update(t.Context(), c.ID, 0, func(c *models.Contact) error { c.Position = "finance"; return nil })
			return err
		})
		replace := func(keys ...string) error {
			list := []models.Position{}
			for _, key := range keys {
				list = append(list, models.Position{Key: key, Names: map[models.Locale]string{models.LocaleEN: key, models.LocaleZH: key}})
			}
			return s.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Platform().Positions().Set(t.Context(), list, func([]models.Position) error { return nil })
				return err
			})
		}
		err = replace("captain")
		wantCode(t, err, models.CodeConflict)
		if !strings.Contains(err.Error(), "finance") {
			t.Errorf("the refusal names no position: %v", err)
		}
		if err := replace("captain", "finance", "crew"); err != nil {
			t.Fatal(err)
		}
		list, err := s.Platform().Positions().List(t.Context())
		if err != nil || len(list) != 3 || list[0].Key != "captain" || list[1].Key != "finance" || list[2].Place != 3 {
			t.Errorf("Positions() = %v, %v", list, err)
		}
		write(t, s, func(tx *store.Tx) error { _, err := tx.In(account).Contacts().Delete(t.Context(), c.ID); return err })
		if err := replace(); err != nil {
			t.Errorf("an empty list = %v", err)
		}
	})
}

func TestAContactThatGoesOrIsDisabledWakesWhatWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		account := storetest.Account(t, s, "acme").Account.ID
		c := newContact(t, s, account, "a", "email:a@x.example:verified", "email:b@x.example:verified")
		waiting := models.Delivery{Channel: models.ChannelEmail, ContactID: c.ID, AddressID: c.Addresses[0].ID, AddressKey: "a@x.example", State: models.DeliveryPending}
		waiting.AccountID, waiting.NotificationID = account, addPending(t, s, account)
		addDelivery(t, s, waiting)
		other := models.Delivery{Channel: models.ChannelEmail, ContactID: "ctc_other", State: models.DeliveryPending}
		other.AccountID, other.NotificationID = account, addPending(t, s, account)
		addDelivery(t, s, other)
		report, err := s.In(account).Notifications().Report(t.Context(), waiting.NotificationID)
		if err != nil {
			t.Fatal(err)
		}
		waiting = report.Deliveries[0]
		edit := func(fn func(*models.Contact)) {
			write(t, s, func(tx *store.Tx) error {
				_, _, err := tx.In(account).Contacts().Update(t.Context(), c.ID, 0, func(c *models.Contact) error { fn(c); return nil })
				return err
			})
		}
		edit(func(c *models.Contact) { c.Name = "b" })
		wantWoken(t, s)
		edit(func(c *models.Contact) { c.Addresses = c.Addresses[:1] })
		wantWoken(t, s, waiting.NotificationID)
		edit(func(c *models.Contact) { c.Enabled = false })
		wantWoken(t, s, waiting.NotificationID)
		d, err := s.Deliveries().Dispatch(t.Context(), account, waiting.ID)
		if err != nil || !d.Disabled || d.Address.ValueKey != "a@x.example" {
			t.Errorf("Dispatch() = %+v, %v, want the contact disabled", d, err)
		}
		edit(func(c *models.Contact) { c.Enabled = true })
		wantWoken(t, s)
		write(t, s, func(tx *store.Tx) error { _, err := tx.In(account).Contacts().Delete(t.Context(), c.ID); return err })
		wantWoken(t, s, waiting.NotificationID)
		d, err = s.Deliveries().Dispatch(t.Context(), account, waiting.ID)
		if err != nil || d.Disabled || d.Address.ID != "" {
			t.Errorf("Dispatch() after the deletion = %+v, %v, want no address", d, err)
		}
	})
}
