package operation_test

import (
	"errors"
	"testing"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
)

func TestRefusalsKeepTheirCodeAndTheirFields(t *testing.T) {
	t.Parallel()
	cause := models.InvalidFields([]models.Field{{Pointer: "#/name", Code: "required"}})
	err := operation.Of("bot", "bot_1", "orders").Refused(cause)
	known, ok := errors.AsType[*models.Error](err)
	if !ok || known.Code != models.CodeInvalid || len(known.Fields) != 1 || err.Error() != cause.Error() {
		t.Errorf("Refused() = %v, which hides %v from the caller", err, cause)
	}
}

func TestNothingIsRefusedWithoutAReason(t *testing.T) {
	t.Parallel()
	if err := operation.Of("bot", "bot_1", "orders").Refused(nil); err != nil {
		t.Errorf("Refused(nil) = %v: what succeeded would fail", err)
	}
}
