// SPDX-License-Identifier: GPL-2.0
/*
 * How a root partition's kernel powers off.
 *
 * Model: the hypervisor owns the machine's sleep states.  When the kernel has
 * booted, it reports the firmware's values for power-off to the hypervisor, and
 * calls it to power off; if that is refused, the ACPI registers are tried as on any
 * machine.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/acpi.h>
#include <linux/init.h>
#include <linux/reboot.h>
#include <asm/hv_root.h>

#include <hyperv/hv_system.h>

#include "root.h"

static int root_power_off(struct sys_off_data *data)
{
	struct hv_input_enter_sleep_state in = { .sleep_state = HV_SLEEP_STATE_S5 };
	u64 result = hvr_small(HVCALL_ENTER_SLEEP_STATE, 0, &in, sizeof(in), NULL, 0);

	pr_err("the hypervisor does not power off (%s)\n",
	       hvr_status_name(hvr_status(result)));
	return NOTIFY_DONE;
}

static int __init root_power_init(void)
{
	struct hv_input_set_system_property in = {
		.property_id = HV_SYSTEM_PROPERTY_SLEEP_STATE,
		.set_sleep_state_info.sleep_state = HV_SLEEP_STATE_S5,
	};
	int ret;

	if (hv_root_type != HV_ROOT_ROOT || acpi_disabled)
		return 0;
	if (ACPI_FAILURE(acpi_get_sleep_type_data(ACPI_STATE_S5,
						  &in.set_sleep_state_info.pm1a_slp_typ,
						  &in.set_sleep_state_info.pm1b_slp_typ))) {
		pr_info("the firmware has no power-off\n");
		return 0;
	}
	ret = hv_root_call(HVCALL_SET_SYSTEM_PROPERTY, &in, sizeof(in), NULL, 0);
	if (ret) {
		pr_warn("the hypervisor refuses the sleep state data (%d)\n", ret);
		return 0;
	}
	/* Before ACPI's own handler. */
	if (IS_ERR(register_sys_off_handler(SYS_OFF_MODE_POWER_OFF,
					    SYS_OFF_PRIO_FIRMWARE + 1, root_power_off, NULL)))
		pr_warn("power-off is left to ACPI\n");
	return 0;
}
late_initcall(root_power_init);
