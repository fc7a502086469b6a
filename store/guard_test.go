package store

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store/list"
	"gorm.io/gorm"
)

// openGuarded opens a store on a fresh file.
func openGuarded(t *testing.T) *Store {
	t.Helper()
	cfg := Config{DSN: "sqlite://" + filepath.Join(t.TempDir(), "b.db"), SecretKey: make([]byte, SecretSize)}
	if err := Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the test is over
	return s
}

func TestGuardRefusesStatementsWithoutTheirAccount(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	var users []models.User
	one, a := &models.User{ID: "usr_1", AccountID: "acc_b"}, models.AccountID("acc_a")
	statements := map[string]func(db *gorm.DB) *gorm.DB{
		"no predicate":           func(db *gorm.DB) *gorm.DB { return db.Find(&users) },
		"only the id":            func(db *gorm.DB) *gorm.DB { return db.Where("id = ?", "usr_1").Find(&users) },
		"struct condition":       func(db *gorm.DB) *gorm.DB { return db.Where(&models.User{AccountID: a}).Find(&users) },
		"empty struct condition": func(db *gorm.DB) *gorm.DB { return db.Where(&models.User{}).Find(&users) },
		"another account":        func(db *gorm.DB) *gorm.DB { return db.Where("account_id = ?", models.AccountID("acc_b")).Find(&users) },
		"a plain string":         func(db *gorm.DB) *gorm.DB { return db.Where("account_id = ?", "acc_a").Find(&users) },
		"several accounts":       func(db *gorm.DB) *gorm.DB { return db.Where("account_id IN ?", []models.AccountID{a}).Find(&users) },
		"not the account":        func(db *gorm.DB) *gorm.DB { return db.Not("account_id = ?", a).Find(&users) },
		"or":                     func(db *gorm.DB) *gorm.DB { return db.Where("account_id = ?", a).Or("id = ?", "x").Find(&users) },
		"or inside":              func(db *gorm.DB) *gorm.DB { return db.Where("account_id = ? OR id = ?", a, "x").Find(&users) },
		"another column":         func(db *gorm.DB) *gorm.DB { return db.Where("other_account_id = ?", a).Find(&users) },
		"table only":             func(db *gorm.DB) *gorm.DB { return db.Table("users").Where("id = ?", "x").Find(&users) },
		"aliased table":          func(db *gorm.DB) *gorm.DB { return db.Table("users AS u").Where("u.id = ?", "x").Find(&users) },
		"count":                  func(db *gorm.DB) *gorm.DB { var n int64; return db.Model(one).Count(&n) },
		"pluck":                  func(db *gorm.DB) *gorm.DB { var ids []string; return db.Model(&models.User{}).Pluck("id", &ids) },
		"update":                 func(db *gorm.DB) *gorm.DB { return db.Model(one).Update("enabled", true) },
		"updates": func(db *gorm.DB) *gorm.DB {
			return db.Model(one).Where("id = ?", "x").Updates(map[string]any{"enabled": true})
		},
		"save":                   func(db *gorm.DB) *gorm.DB { return db.Save(one) },
		"delete":                 func(db *gorm.DB) *gorm.DB { return db.Delete(one) },
		"delete by condition":    func(db *gorm.DB) *gorm.DB { return db.Where("name = ?", "x").Delete(&models.User{}) },
		"create in another":      func(db *gorm.DB) *gorm.DB { return db.Create(one) },
		"create several":         func(db *gorm.DB) *gorm.DB { return db.Create([]models.User{{ID: "usr_2", AccountID: a}, *one}) },
		"create without account": func(db *gorm.DB) *gorm.DB { return db.Create(&models.User{ID: "usr_3"}) },
		"create from map":        func(db *gorm.DB) *gorm.DB { return db.Model(&models.User{}).Create(map[string]any{"account_id": a}) },
		"raw":                    func(db *gorm.DB) *gorm.DB { return db.Raw("SELECT * FROM users WHERE id = ?", "x").Scan(&users) },
		"exec":                   func(db *gorm.DB) *gorm.DB { return db.Exec("DELETE FROM `users` WHERE id = ?", "x") },
		"joined without account": func(db *gorm.DB) *gorm.DB {
			return db.Where("users.account_id = ?", a).Joins("JOIN grants g ON g.user_id = users.id").Find(&users)
		},
		"joined to a free table":  func(db *gorm.DB) *gorm.DB { var p []models.Product; return db.Joins("JOIN bots ON 1 = 1").Find(&p) },
		"preload without account": func(db *gorm.DB) *gorm.DB { var c []models.Contact; return db.Preload("Addresses").Find(&c) },
	}
	for name, statement := range statements {
		for bound, db := range map[string]*gorm.DB{"bound": s.engine.Writer.Set(guardAccount, a), "unbound": s.engine.Writer} {
			if err := statement(db.WithContext(t.Context())).Error; !errors.Is(err, errUnguarded) {
				t.Errorf("%s, %s: error = %v, want %v", name, bound, err, errUnguarded)
			}
		}
	}
}

func TestGuardAllowsBoundAndExplainedStatements(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	var users []models.User
	scope := s.In("acc_a")
	for name, err := range map[string]error{
		"scoped":           scope.rows(t.Context()).Find(&users).Error,
		"scoped with or":   scope.rows(t.Context()).Where("id = ? OR name = ?", "a", "b").Find(&users).Error,
		"alias":            scope.db.Set(guardAccount, scope.account).Table("users AS u").Where("u.account_id = ? AND u.id = ?", scope.account, "x").Find(&users).Error,
		"joined":           scope.db.Set(guardAccount, scope.account).Joins("JOIN grants g ON g.account_id = users.account_id").Where("users.account_id = ?", scope.account).Find(&users).Error,
		"unscoped":         s.Platform().rows(t.Context(), "a test").Find(&users).Error,
		"no tenant table":  s.engine.Reader.Find(&[]models.Product{}).Error,
		"raw with account": scope.db.Set(guardAccount, scope.account).Raw("SELECT * FROM users WHERE account_id = ?", scope.account).Scan(&users).Error,
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Platform().rows(t.Context(), "").Find(&users).Error; !errors.Is(err, errUnguarded) {
		t.Errorf("no reason: error = %v, want %v", err, errUnguarded)
	}
	if err := s.In("").rows(t.Context()).Find(&users).Error; !errors.Is(err, errUnguarded) {
		t.Errorf("empty account: error = %v, want %v", err, errUnguarded)
	}
}

// TestEveryTenantTableIsGuarded keeps tenantTables equal to the schema.
func TestEveryTenantTableIsGuarded(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	var names []string
	err := s.engine.Reader.Raw(`SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
		WHERE m.type = 'table' AND c.name = 'account_id'`).Scan(&names).Error
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, name := range names {
		got[name] = true
	}
	if !reflect.DeepEqual(got, tenantTables) {
		t.Errorf("tables with account_id = %v, want those of tenantTables %v", got, tenantTables)
	}
}

func TestVaultBindsValuesToTheirPlace(t *testing.T) {
	t.Parallel()
	v, err := NewVault([]byte(strings.Repeat("k", SecretSize)))
	if err != nil {
		t.Fatal(err)
	}
	sealed := v.Seal([]byte("secret"), "bot_1", "url")
	if plain, err := v.Open(sealed, "bot_1", "url"); err != nil || string(plain) != "secret" {
		t.Errorf("Open() = %q, %v", plain, err)
	}
	for _, place := range [][]string{{"bot_2", "url"}, {"bot_1ur", "l"}, {"bot_1", "url", ""}, {"bot_1url"}, nil} {
		if _, err := v.Open(sealed, place...); err == nil {
			t.Errorf("Open() succeeds at %q", place)
		}
	}
	for i := range sealed {
		broken := append([]byte(nil), sealed...)
		broken[i] ^= 1
		if _, err := v.Open(broken, "bot_1", "url"); err == nil {
			t.Errorf("Open() succeeds with bit %d flipped", i*8)
		}
	}
	for _, short := range [][]byte{nil, {}, {1}, sealed[:12]} {
		if _, err := v.Open(short, "bot_1", "url"); err == nil {
			t.Errorf("Open() succeeds on %d bytes", len(short))
		}
	}
	if again := v.Seal([]byte("secret"), "bot_1", "url"); string(again) == string(sealed) {
		t.Error("two seals of the same value are equal")
	}
}

func TestVaultKeysDependOnSecretAndPurpose(t *testing.T) {
	t.Parallel()
	v, _ := NewVault([]byte(strings.Repeat("k", SecretSize)))
	w, _ := NewVault([]byte(strings.Repeat("l", SecretSize)))
	mac := v.MAC("cursor", "a", "b")
	if !v.CheckMAC(mac, "cursor", "a", "b") {
		t.Error("CheckMAC refuses its own")
	}
	if v.CheckMAC(mac, "cursor", "ab") || v.CheckMAC(mac, "token", "a", "b") || w.CheckMAC(mac, "cursor", "a", "b") || v.CheckMAC(nil, "cursor", "a", "b") {
		t.Error("CheckMAC accepts other parts, another purpose or another secret")
	}
	if v.KeyID() == w.KeyID() || len(v.KeyID()) != 16 {
		t.Errorf("KeyID() = %s and %s", v.KeyID(), w.KeyID())
	}
	if _, err := w.Open(v.Seal([]byte("x"))); err == nil {
		t.Error("another secret opens what this one sealed")
	}
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := NewVault(make([]byte, size)); err == nil {
			t.Errorf("a secret of %d bytes is accepted", size)
		}
	}
}

func TestIDsGrowAndCarryTheirKind(t *testing.T) {
	t.Parallel()
	last := ""
	for range 1000 {
		id := NewID(models.KindBot)
		if !strings.HasPrefix(id, "bot_") || len(id) != 36 || !list.ValidID(id) || id <= last {
			t.Fatalf("NewID() = %s after %s", id, last)
		}
		last = id
	}
}

// TestHandWrittenStatementsGoByTheViewer shows that forgetting the viewer closes.
func TestHandWrittenStatementsGoByTheViewer(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	var n int64
	count := func(v Viewer, text string) error {
		return s.For(v).bound(t.Context()).Raw(text, "acc_1").Scan(&n).Error
	}
	const forgot = "SELECT COUNT(*) FROM messages WHERE account_id = ?"
	if err := count(Viewer{Account: "acc_1", Categories: []string{"account"}}, forgot); !errors.Is(err, errUnseen) {
		t.Errorf("a statement that forgot the viewer: %v, want %v", err, errUnseen)
	}
	if err := count(Viewer{Account: "acc_1"}, forgot); err != nil {
		t.Errorf("a viewer of all categories: %v", err)
	}
	if err := count(Viewer{Account: "acc_1", Categories: []string{"account"}}, "SELECT COUNT(*) FROM contacts WHERE account_id = ?"); err != nil {
		t.Errorf("a table without categories: %v", err)
	}
}
