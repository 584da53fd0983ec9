# Joinery. `make demo` opens the wizard on a throwaway domain; `make check` runs every test. See README.md.
# Everything that is built lies under build/<flavour>/. Variables: SANITIZE=address,undefined or thread, V=1.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

comma := ,
SANITIZE ?=
V ?=
Q := $(if $(V),,@)
# What `make check` and its like build, they build on every processor; -j on the command line stays in force.
EVERY = $(if $(filter -j% --jobs%,$(MAKEFLAGS)),,-j$(shell nproc))
DESTDIR ?=
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
LIBDIR ?= $(PREFIX)/lib
UNITDIR ?= $(PREFIX)/lib/systemd/system
VERSION := 0.1.0

FLAVOUR := $(if $(SANITIZE),$(subst $(comma),-,$(SANITIZE)),plain)
B := build/$(FLAVOUR)

CC := gcc
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla -Werror
HARDEN := $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong
PIC := -fPIE
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
CFLAGS ?= -O2 -g
# augeas.h includes libxml2's headers, which lie in a folder of their own.
AUG_CFLAGS := $(shell pkg-config --cflags augeas libxml-2.0 2>/dev/null)
BASE_CFLAGS := -std=gnu11 -I. $(CPPFLAGS) $(AUG_CFLAGS) -pthread $(WARN) $(HARDEN) $(SANFLAGS) \
	-DJOINERY_VERSION='"$(VERSION)"'
LDFLAGS += -pthread -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SANFLAGS)

ENGINE_LIBS := -lldap -llber -lgssapi_krb5 -lkrb5 -lk5crypto -lcom_err -lcares -laugeas -lini_config -ljansson -lcrypto -lhivex -lxml2
# CDK is linked as an archive over the wide ncurses: the shared library binds the narrow one.
CDK_A = $(shell $(CC) -print-file-name=libcdk.a)
UI_LIBS = $(CDK_A) -lncursesw -ltinfo -lsystemd

ENGINE_SRC := $(wildcard engine/*.c engine/*/*.c)
UI_SRC := $(filter-out ui/main.c ui/manual/%,$(wildcard ui/*.c ui/*/*.c))
HEADERS := $(wildcard engine/*.h engine/*/*.h ui/*.h ui/*/*.h)
TEST_DIRS := tests/unit tests/responder tests/ui tests/pty tests/domain-c
TEST_SRC := $(wildcard $(addsuffix /test_*.c,$(TEST_DIRS)))
HELPER_SRC := $(filter-out $(TEST_SRC),$(wildcard $(addsuffix /*.c,$(TEST_DIRS))))
LINGUAS := $(shell cat po/LINGUAS 2>/dev/null)

obj = $(patsubst %.c,$(B)/%.o,$(1))
TESTS := $(patsubst %.c,$(B)/%,$(TEST_SRC))
JOINERY := $(B)/joinery
MO := $(patsubst %,build/locale/%/LC_MESSAGES/joinery.mo,$(LINGUAS))
# Made-up languages of the tests: long, right to left, wide.
PSEUDO_MO := $(patsubst %,build/locale/%/LC_MESSAGES/joinery.mo,en_XA en_XB en_XW)
MANUAL := build/man/joinery.8 build/man/wizard.ini.5 build/man/libjoinery.3
MANUAL_SRC := $(wildcard ui/manual/*.c)
# Terminals have no way to show a manual page from right to left.
MAN_LINGUAS := $(filter-out ar he,$(LINGUAS))
MANUAL_MO := $(foreach l,$(MAN_LINGUAS),build/man/$(l)/joinery.8 build/man/$(l)/wizard.ini.5)
COMPLETION := build/system/joinery.bash
UNIT := $(B)/joinery-firstboot.service
EXAMPLE := engine/api/example/example.c engine/api/example/offline.c

.PHONY: all library
all: $(JOINERY) $(MO) $(MANUAL) $(MANUAL_MO) $(COMPLETION) $(UNIT) library

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $<")
	$(Q)$(CC) $(BASE_CFLAGS) $(PIC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The engine is in the program and in the shared library.
$(B)/engine/%.o: PIC := -fPIC -fno-semantic-interposition

# The only object that knows where the program will be installed.
$(B)/ui/i18n/i18n.o: BASE_CFLAGS += -DLOCALEDIR='"$(PREFIX)/share/locale"'
$(B)/ui/i18n/i18n.o: $(B)/prefix
$(B)/prefix: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' >$@
.PHONY: FORCE
FORCE:

$(B)/libengine.a: $(call obj,$(ENGINE_SRC))
$(B)/libui.a: $(call obj,$(UI_SRC))
# The helpers of a test's own folder come before the product (a scripted engine stands in for the real one there),
# those of the other folders after it.
define HELPERS
$(B)/$(1)/libhelpers.a: $(call obj,$(filter $(1)/%,$(HELPER_SRC)))
endef
$(foreach d,$(TEST_DIRS),$(eval $(call HELPERS,$(d))))
$(B)/libhelpers.a: $(call obj,$(HELPER_SRC))
$(B)/%.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(JOINERY): $(B)/ui/main.o $(B)/libui.a $(B)/libengine.a
	$(if $(V),,@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(UI_LIBS) $(ENGINE_LIBS)

define TEST_PROGRAM
$(B)/$(1): $(B)/$(1).o $(B)/$(patsubst %/,%,$(dir $(1)))/libhelpers.a $(B)/libui.a $(B)/libengine.a $(B)/libhelpers.a
	$$(if $$(V),,@echo "  LD    $$@")
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(UI_LIBS) $$(ENGINE_LIBS) -lcmocka -lvterm -lutil
endef
$(foreach t,$(TEST_SRC:.c=),$(eval $(call TEST_PROGRAM,$(t))))

# The manual pages come from the same tables as the program, and so do the words for the shell's completion.
$(B)/manual: $(call obj,$(MANUAL_SRC)) $(call obj,ui/i18n/i18n.c ui/i18n/mo.c ui/text/charset.c ui/text/utf8.c) $(B)/libengine.a
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)
build/man/joinery.8 build/man/wizard.ini.5: build/man/%: $(B)/manual
	@mkdir -p $(@D)
	$(Q)LANGUAGE=en $< $(basename $*) >$@
build/man/libjoinery.3: $(B)/manual $(EXAMPLE)
	@mkdir -p $(@D)
	$(Q)LANGUAGE=en $< libjoinery $(EXAMPLE) >$@
define MANUAL_OF
build/man/$(1)/joinery.8 build/man/$(1)/wizard.ini.5: build/man/$(1)/%: $(B)/manual build/locale/$(1)/LC_MESSAGES/joinery.mo
	@mkdir -p $$(@D)
	$$(Q)LC_ALL=C.UTF-8 LANGUAGE=$(1) JOINERY_LOCALEDIR=build/locale $$< $$(basename $$*) >$$@
endef
$(foreach l,$(MAN_LINGUAS),$(eval $(call MANUAL_OF,$(l))))
$(COMPLETION): $(B)/manual ui/system/joinery.bash
	@mkdir -p $(@D)
	$(Q)$< completion >$@ && cat ui/system/joinery.bash >>$@

build/locale/%/LC_MESSAGES/joinery.mo: po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

# ---- the library ----------------------------------------------------------------------------------------------
# Both kinds hold the engine and show the public names only: the archive is one object whose other names are local.
SONAME := libjoinery.so.1
API_OBJ := $(call obj,$(wildcard engine/api/*.c))
API_MAP := engine/api/libjoinery.map
API_NAMES := $(shell sed -nE 's/^ +([A-Za-z_]+);$$/\1/p' $(API_MAP))
$(B)/libjoinery.so: $(API_OBJ) $(B)/libengine.a $(API_MAP)
	$(if $(V),,@echo "  LD    $@")
	$(Q)$(CC) $(filter-out -pie,$(LDFLAGS)) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(API_MAP) \
		$(if $(SANITIZE),,-Wl,-z,defs) -o $@ $(API_OBJ) $(B)/libengine.a $(ENGINE_LIBS)
$(B)/libjoinery.a: $(API_OBJ) $(B)/libengine.a $(API_MAP)
	$(if $(V),,@echo "  AR    $@")
	$(Q)ld -r -o $(B)/joinery-all.o $(API_OBJ) $(B)/libengine.a
	$(Q)objcopy $(API_NAMES:%=--keep-global-symbol=%) $(B)/joinery-all.o $(B)/joinery-api.o
	$(Q)rm -f $@ && ar rcs $@ $(B)/joinery-api.o
$(B)/joinery.pc: engine/api/joinery.pc.in $(B)/prefix
	$(Q)sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(ENGINE_LIBS)|' $< >$@
library: $(B)/libjoinery.so $(B)/libjoinery.a $(B)/joinery.pc

# The unit of the first boot.
$(UNIT): ui/system/joinery-firstboot.service.in $(B)/prefix
	$(Q)sed 's|@PREFIX@|$(PREFIX)|' $< >$@

-include $(patsubst %.o,%.d,$(call obj,$(ENGINE_SRC) $(UI_SRC) ui/main.c $(MANUAL_SRC) $(TEST_SRC) $(HELPER_SRC)))

# One call of the library for each line of the matrix; it sees nothing but what users see.
OUTCOME_CALL := $(B)/tests/outcomes/call
$(OUTCOME_CALL): $(B)/tests/outcomes/call.o $(B)/libjoinery.a
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)
OUTCOME_IMAGE := $(B)/tests/outcomes/image
$(OUTCOME_IMAGE): $(B)/tests/outcomes/image.o $(B)/tests/unit/libhelpers.a $(B)/libengine.a
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS) -lcmocka
-include $(OUTCOME_CALL).d $(OUTCOME_IMAGE).d

# ---- fuzzing ---------------------------------------------------------------------------------------------------
# What reads bytes that somebody else made, by libFuzzer under the address and undefined behaviour sanitizers. A
# short run is part of `make check`; `make fuzz SECONDS=600` gives each target ten minutes.
FUZZ_CC := clang
FUZZ_FLAGS := -std=gnu11 -I. $(AUG_CFLAGS) -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
FUZZ_SRC := $(wildcard $(patsubst %,engine/%/*.c,base tables wire offline crypto xml hive)) engine/model/csv.c
FUZZ_TARGET_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(FUZZ_TARGET_SRC))
fuzz_obj = $(patsubst %.c,$(B)/fuzz/%.o,$(1))
$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  FUZZ  $<")
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(B)/fuzz/libfuzzed.a: $(call fuzz_obj,$(FUZZ_SRC))
$(FUZZERS): $(B)/fuzz/fuzz_%: $(B)/fuzz/tests/fuzz/fuzz_%.o $(B)/fuzz/libfuzzed.a
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ -lcrypto -lxml2 -lhivex
-include $(patsubst %.o,%.d,$(call fuzz_obj,$(FUZZ_SRC) $(FUZZ_TARGET_SRC)))

SECONDS ?= 600
.PHONY: fuzz fuzz-corpus
fuzz: setup-check
	@$(MAKE) $(EVERY) --no-print-directory $(FUZZERS)
	@B=$(B) tests/fuzz/test_fuzz $(SECONDS)
# Writes what is in tests/fuzz/corpus, after a change of the encoders.
fuzz-corpus: $(B)/fuzz/seeds
	@$< tests/fuzz/corpus
$(B)/fuzz/seeds: $(call obj,tests/fuzz/seeds.c) $(B)/tests/unit/libhelpers.a $(B)/libengine.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS) -lcmocka

# ---- random keys -----------------------------------------------------------------------------------------------
# A short run is part of `make check`; `make monkey SECONDS=60` gives each page a minute, and a kiosk in a
# pseudo-terminal as long. With SANITIZE= under the sanitizers.
MONKEYS := $(B)/tests/ui/test_monkey $(B)/tests/pty/test_pty_kiosk
MONKEY_SECONDS := $(if $(filter file,$(origin SECONDS)),60,$(SECONDS))
.PHONY: monkey
monkey: setup-check
	@$(MAKE) $(EVERY) --no-print-directory $(MONKEYS)
	@export MONKEY_SECONDS=$(MONKEY_SECONDS) LSAN_OPTIONS=suppressions=$(CURDIR)/tests/tools/lsan.supp; \
		$(B)/tests/ui/test_monkey && $(B)/tests/pty/test_pty_kiosk 'nobody_gets_out'

# ---- setting up -----------------------------------------------------------------------------------------------
.PHONY: setup setup-domain setup-check demo
setup:
	@tests/tools/setup tests/packages
setup-domain:
	@tests/tools/setup tests/packages tests/domain/packages
setup-check:
	@tests/tools/setup tests/packages tests/domain/packages tests/domain/packages-check

demo: setup-domain
	@$(MAKE) $(EVERY) --no-print-directory all
	@JOINERY_LOCALEDIR=$(CURDIR)/build/locale tests/domain/demo $(CURDIR)/$(JOINERY)

# ---- tests ----------------------------------------------------------------------------------------------------
# One file: make check T=test_settings      one case: make check T=test_settings F='ini_*'
T ?=
F ?=
.PHONY: check check-built
check: setup-check
	@$(MAKE) $(EVERY) --no-print-directory check-built

check-built: all $(PSEUDO_MO) $(TESTS) $(OUTCOME_CALL) $(OUTCOME_IMAGE) $(FUZZERS)
	@MAKEFLAGS= B=$(B) JOINERY=$(CURDIR)/$(JOINERY) JOINERY_LOCALEDIR=$(CURDIR)/build/locale SANITIZE='$(SANITIZE)' \
		T='$(T)' F='$(F)' tests/tools/run-all

.PHONY: check-layers check-headers check-link check-po check-format
check-layers:
	@tests/tools/layers
check-headers:
	@for h in $(HEADERS); do \
		echo "#include \"$$h\"" | $(CC) $(BASE_CFLAGS) -fsyntax-only -x c - || exit 1; done
check-link: $(JOINERY)
	@tests/tools/link $(JOINERY)
check-po:
	@tests/tools/po
check-format:
	@clang-format --dry-run -Werror $(ENGINE_SRC) $(UI_SRC) ui/main.c $(MANUAL_SRC) $(EXAMPLE) $(HEADERS) $(TEST_SRC) $(HELPER_SRC) \
		tests/outcomes/call.c tests/outcomes/image.c $(wildcard tests/fuzz/*.[ch])

# Writes what is generated from the tables and kept in the tree: wizard.ini.
.PHONY: tables
tables: $(B)/tests/unit/test_settings
	@JOINERY_UPDATE=1 $< 'test_shipped*' >/dev/null && echo "wizard.ini written"

# ---- translations ---------------------------------------------------------------------------------------------
.PHONY: pot po
XGETTEXT := xgettext --from-code=UTF-8 -L C -k_ -kN_ -kP_:1,2 -kC_:1c,2 --add-comments=TRANSLATORS --sort-by-file \
	--add-location=file \
	--package-name=joinery --package-version=$(VERSION) \
	-f po/POTFILES.in
pot:
	@mkdir -p build
	@$(XGETTEXT) -o build/joinery.pot
po: pot
	@for l in $(LINGUAS); do msgmerge --quiet --update --backup=none --add-location=file po/$$l.po build/joinery.pot; done

build/pseudo.pot: po/POTFILES.in $(shell cat po/POTFILES.in)
	@mkdir -p build
	$(Q)$(XGETTEXT) -o $@
$(PSEUDO_MO): build/locale/%/LC_MESSAGES/joinery.mo: build/pseudo.pot tests/tools/pseudo
	@mkdir -p $(@D)
	$(Q)tests/tools/pseudo $< $* | msgfmt --check-format -o $@ -

# Every picture of the wizard as text, for whoever translates it: make gallery LANGS="fr ja" [PO=folder of the catalogues]
LANGS ?= $(LINGUAS)
PO ?= po
.PHONY: gallery
gallery: $(B)/tests/ui/test_pictures
	@for l in $(LANGS); do \
		mkdir -p build/gallery/locale/$$l/LC_MESSAGES; \
		[ $$l = en ] || msgfmt -o build/gallery/locale/$$l/LC_MESSAGES/joinery.mo $(PO)/$$l.po || exit 1; \
		JOINERY_LOCALEDIR=$(CURDIR)/build/gallery/locale $< --gallery build/gallery/$$l.txt $$l || exit 1; \
		echo "build/gallery/$$l.txt"; done

.PHONY: bench
bench: setup-domain
	@$(MAKE) $(EVERY) --no-print-directory all $(B)/tests/pty/test_pty_budget
	@tests/bench/budget $(B)/tests/pty/test_pty_budget; budget=$$?; \
		JOINERY=$(CURDIR)/$(JOINERY) tests/bench/bench; joins=$$?; \
		JOINERY=$(CURDIR)/$(JOINERY) tests/bench/lists && exit $$((budget | joins))

# ---- installing -----------------------------------------------------------------------------------------------
# What goes where, once: MODE SOURCE TARGET. An owner's own answers in wizard.ini are neither overwritten nor removed.
DEST = '$(DESTDIR)'
CONF = $(SYSCONFDIR)/joinery/wizard.ini
WANTED = $(SYSCONFDIR)/systemd/system/multi-user.target.wants/joinery-firstboot.service
INSTALLED = \
	755:$(JOINERY):$(PREFIX)/sbin/joinery \
	644:build/man/joinery.8:$(PREFIX)/share/man/man8/joinery.8 \
	644:build/man/wizard.ini.5:$(PREFIX)/share/man/man5/wizard.ini.5 \
	644:build/man/libjoinery.3:$(PREFIX)/share/man/man3/libjoinery.3 \
	$(foreach l,$(MAN_LINGUAS),644:build/man/$(l)/joinery.8:$(PREFIX)/share/man/$(l)/man8/joinery.8 \
		644:build/man/$(l)/wizard.ini.5:$(PREFIX)/share/man/$(l)/man5/wizard.ini.5) \
	$(foreach l,$(LINGUAS),644:build/locale/$(l)/LC_MESSAGES/joinery.mo:$(PREFIX)/share/locale/$(l)/LC_MESSAGES/joinery.mo) \
	644:$(COMPLETION):$(PREFIX)/share/bash-completion/completions/joinery \
	644:ui/system/joinery.logrotate:$(SYSCONFDIR)/logrotate.d/joinery \
	644:$(UNIT):$(UNITDIR)/joinery-firstboot.service \
	644:engine/api/joinery.h:$(PREFIX)/include/joinery.h \
	644:$(B)/libjoinery.a:$(LIBDIR)/libjoinery.a \
	644:$(B)/libjoinery.so:$(LIBDIR)/$(SONAME) \
	644:$(B)/joinery.pc:$(LIBDIR)/pkgconfig/joinery.pc
part = $(word $(1),$(subst :, ,$(2)))
INSTALLED_FILES = $(foreach i,$(INSTALLED),$(call part,3,$(i))) $(LIBDIR)/libjoinery.so

.PHONY: install uninstall clean
install: all
	$(foreach i,$(INSTALLED),install -D -m $(call part,1,$(i)) $(call part,2,$(i)) $(DEST)$(call part,3,$(i)) &&) true
	ln -sf $(SONAME) $(DEST)$(LIBDIR)/libjoinery.so
	[ -e $(DEST)$(CONF) ] || install -D -m 644 wizard.ini $(DEST)$(CONF)
# The link is of whoever enabled the unit that goes now.
uninstall:
	rm -f $(addprefix $(DEST),$(INSTALLED_FILES) $(WANTED))
	if cmp -s wizard.ini $(DEST)$(CONF); then rm -f $(DEST)$(CONF); fi
	ui/system/tidy $(DEST) '$(PREFIX)' $(sort $(dir $(INSTALLED_FILES) $(CONF) $(WANTED)))

# A Debian package, built by debhelper in the build folder; it appears in build/deb.
DEB := build/deb
.PHONY: deb setup-deb check-deb
setup-deb:
	@tests/tools/setup tests/packages tests/packages-deb
deb: setup-deb
	@ui/system/debian/make $(VERSION) $(DEB)
check-deb: deb
	@tests/tools/deb $(DEB)

clean:
	rm -rf build
