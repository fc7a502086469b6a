package intake_test

import (
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
)

func TestPeopleOptOutOfWhatIsOptionalOnly(t *testing.T) {
	t.Parallel()
	known := []models.MessageType{{Key: "news.offers", Optional: true}, {Key: "account.bill"}}
	fields := intake.CheckOptOuts([]string{"news.offers", "account.bill", "news.none", "account.gone"}, []string{"account.gone"}, known)
	got := map[string]string{}
	for _, f := range fields {
		got[f.Pointer] = f.Code
	}
	if len(got) != 2 || got["#/types/1"] != "not-optional" || got["#/types/2"] != "unknown-value" {
		t.Errorf("CheckOptOuts() = %+v", fields)
	}
}
