package destinations

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

type testProviderIn struct {
	ID   string `path:"id" pattern:"^pvd_[0-9a-f]{32}$"`
	Body struct {
		To string `json:"to" minLength:"1" maxLength:"254" doc:"The address that the test message goes to."`
	}
}

func testProvider(ctx context.Context, c *operation.Call, in *testProviderIn) (*trialOut, error) {
	if out, err := operation.Replayed[trialOut](ctx, c); out != nil || err != nil {
		return out, err
	}
	row, err := c.Store.Platform().Providers().ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	secrets, err := c.Store.Platform().Providers().Secrets(row)
	if err != nil {
		return nil, err
	}
	sender, target, err := c.Channels.Route(row, secrets, nil, nil)
	if err != nil {
		return nil, models.Errorf(models.CodeConflict, "This release does not know the kind of this provider.")
	}
	if sender.Descriptor().WritesToBots() {
		return nil, models.Errorf(models.CodeConflict, "This channel writes to bots of accounts: test a bot.")
	}
	to, code := c.Channels.AddressKinds().Normalise(row.Channel, in.Body.To)
	if code != "" {
		return nil, models.Invalid("#/to", code, "It is no address of this channel.")
	}
	if err := limitTrial(ctx, c.Core, models.ProviderDestination(row.ID)); err != nil {
		return nil, err
	}
	m, err := testMessage(ctx, c.Core, models.Platform)
	if err != nil {
		return nil, err
	}
	m.To = to
	return concludeTrial(ctx, c, operation.Of("provider", row.ID, row.Name), try(ctx, sender, target, m))
}

// testMessage is a message for tests, in the account's language.
func testMessage(ctx context.Context, s *operation.Core, account models.AccountID) (channels.Message, error) {
	owner, err := s.Store.Platform().Accounts().ByID(ctx, account)
	if err != nil {
		return channels.Message{}, err
	}
	return channels.Message{
		Key: store.NewID("tst"), Attempt: 1, Type: testType, Category: models.CategoryOf(testType), Severity: models.SeverityInfo,
		AccountID: account, CreatedAt: s.Now(), Rendered: testTexts(owner.Language),
	}, nil
}

// testType is the message type of test messages; no catalogue has it.
const testType = "belfry.test"

// testTexts are what a test message says, in English when Belfry does not speak
// the language.
func testTexts(locale models.Locale) models.Rendered {
	text := models.Rendered{
		Locale: models.LocaleEN, Title: "Test message", Body: "This is a test message from Belfry. The channel works when you can read it.",
		Short: "Test message from Belfry.",
	}
	if locale == models.LocaleZH {
		text = models.Rendered{
			Locale: models.LocaleZH, Title: "测试消息", Body: "这是一条来自 Belfry 的测试消息。收到即表示该渠道可用。", Short: "来自 Belfry 的测试消息。",
		}
	}
	text.Subject, text.Text = text.Title, text.Body
	text.HTML = "<p>" + text.Body + "</p>"
	return text
}

// concludeTrial records how a test ended, even when the caller hung up: the
// message is out.
func concludeTrial(ctx context.Context, c *operation.Call, object operation.Object, view trialView) (*trialOut, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), trialTime)
	defer cancel()
	return operation.Commit(ctx, c, func(*store.Tx) (*operation.Done[trialOut], error) {
		return operation.Did(&trialOut{Body: view}, object, nil, view), nil
	})
}

func resumeProvider(ctx context.Context, c *operation.Call, in *providerIn) (*providerOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[providerOut], error) {
		row, err := tx.Platform().Providers().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		old, err := outProvider(ctx, c.Core, tx, row)
		if err != nil {
			return nil, err
		}
		if err := tx.Platform().Providers().Resume(ctx, row); err != nil {
			return nil, err
		}
		out, err := outProvider(ctx, c.Core, tx, row)
		if err != nil {
			return nil, err
		}
		return operation.Did(out, operation.Of("provider", row.ID, row.Name), old.Body.Health, out.Body.Health), nil
	})
}
