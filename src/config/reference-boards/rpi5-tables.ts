/**
 * The tables that the reference EL3 firmware for Raspberry Pi 5 (bcm2712) is built with: public facts, in a compact form. `id`
 * counts from 0 in each table.
 */

/** Functions of pins, without the prefix that the firmware puts before each. */
export const PIN_FUNCTIONS: readonly string[] = words(`
  gpio alt1 alt2 alt3 alt4 alt5 alt6 alt7 alt8 aon_cpu_standbyb aon_fp_4sec_resetb aon_gpclk aon_pwm
  arm_jtag aud_fs_clk0 avs_pmu_bsc bsc_m0 bsc_m1 bsc_m2 bsc_m3 clk_observe ctl_hdmi_5v enet0 enet0_mii
  enet0_rgmii ext_sc_clk fl0 fl1 gpclk0 gpclk1 gpclk2 hdmi_tx0_auto_i2c hdmi_tx0_bsc hdmi_tx1_auto_i2c
  hdmi_tx1_bsc i2s_in i2s_out ir_in mtsif mtsif_alt mtsif_alt1 pdm pkt pm_led_out sc0 sd0 sd2 sd_card_a
  sd_card_b sd_card_c sd_card_d sd_card_e sd_card_f sd_card_g spdif_out spi_m spi_s sr_edm_sense te0 te1
  tsio uart0 uart1 uart2 usb_pwr usb_vbus uui vc_i2c0 vc_i2c3 vc_i2c4 vc_i2c5 vc_i2csl vc_pcm vc_pwm0
  vc_pwm1 vc_spi0 vc_spi3 vc_spi4 vc_spi5 vc_uart0 vc_uart2 vc_uart3 vc_uart4
`);

export const FUNCTION_PREFIX = "f_";

/** Pins; each is a group of its own too. */
export const PINS: readonly string[] = [
  ...Array.from({ length: 54 }, (_, id) => `gpio${id}`),
  ...words(`
    emmc_cmd emmc_ds emmc_clk emmc_dat0 emmc_dat1 emmc_dat2 emmc_dat3 emmc_dat4 emmc_dat5 emmc_dat6 emmc_dat7
  `),
];

/** The functions that the values 1 to 8 of a pin's multiplexer select, null where one selects none. The others have none. */
export const PIN_ALTERNATES: ReadonlyMap<string, readonly (string | null)[]> = new Map(
  `
  0: bsc_m3 vc_i2c0 gpclk0 enet0 vc_pwm1 vc_spi0 ir_in -
  1: bsc_m3 vc_i2c0 gpclk1 enet0 vc_pwm1 sr_edm_sense vc_spi0 vc_uart3
  2: pdm i2s_in gpclk2 vc_spi4 pkt vc_spi0 vc_uart3 -
  3: pdm i2s_in vc_spi4 pkt vc_spi0 vc_uart3 - -
  4: pdm i2s_in arm_jtag vc_spi4 pkt vc_spi0 vc_uart3 -
  5: pdm vc_i2c3 arm_jtag sd_card_e vc_spi4 pkt vc_pcm vc_i2c5
  6: pdm vc_i2c3 arm_jtag sd_card_e vc_spi4 pkt vc_pcm vc_i2c5
  7: i2s_out spdif_out arm_jtag sd_card_e vc_i2c3 enet0_rgmii vc_pcm vc_spi4
  8: i2s_out aud_fs_clk0 arm_jtag sd_card_e vc_i2c3 enet0_mii vc_pcm vc_spi4
  9: i2s_out aud_fs_clk0 arm_jtag sd_card_e enet0_mii sd_card_c vc_spi4 -
  10: bsc_m3 mtsif_alt1 i2s_in i2s_out vc_spi5 enet0_mii sd_card_c vc_spi4
  11: bsc_m3 mtsif_alt1 i2s_in i2s_out vc_spi5 enet0_mii sd_card_c vc_spi4
  12: spi_s mtsif_alt1 i2s_in i2s_out vc_spi5 vc_i2csl sd0 sd_card_d
  13: spi_s mtsif_alt1 i2s_out usb_vbus vc_spi5 vc_i2csl sd0 sd_card_d
  14: spi_s vc_i2csl enet0_rgmii arm_jtag vc_spi5 vc_pwm0 vc_i2c4 sd_card_d
  15: spi_s vc_i2csl vc_spi3 arm_jtag vc_pwm0 vc_i2c4 gpclk0 -
  16: sd_card_b i2s_out vc_spi3 i2s_in sd0 enet0_rgmii gpclk1 -
  17: sd_card_b i2s_out vc_spi3 i2s_in ext_sc_clk sd0 enet0_rgmii gpclk2
  18: sd_card_b i2s_out vc_spi3 i2s_in sd0 enet0_rgmii vc_pwm1 -
  19: sd_card_b usb_pwr vc_spi3 pkt spdif_out sd0 ir_in vc_pwm1
  20: sd_card_b uui vc_uart0 arm_jtag uart2 usb_pwr vc_pcm vc_uart4
  21: usb_pwr uui vc_uart0 arm_jtag uart2 sd_card_b vc_pcm vc_uart4
  22: usb_pwr enet0 vc_uart0 mtsif uart2 usb_vbus vc_pcm vc_i2c5
  23: usb_vbus enet0 vc_uart0 mtsif uart2 i2s_out vc_pcm vc_i2c5
  24: mtsif pkt uart0 enet0_rgmii enet0_rgmii vc_i2c4 vc_uart3 -
  25: mtsif pkt sc0 uart0 enet0_rgmii enet0_rgmii vc_i2c4 vc_uart3
  26: mtsif pkt sc0 uart0 enet0_rgmii vc_uart4 vc_spi5 -
  27: mtsif pkt sc0 uart0 enet0_rgmii vc_uart4 vc_spi5 -
  28: mtsif pkt sc0 enet0_rgmii vc_uart4 vc_spi5 - -
  29: mtsif pkt sc0 enet0_rgmii vc_uart4 vc_spi5 - -
  30: mtsif pkt sc0 sd2 enet0_rgmii gpclk0 vc_pwm0 -
  31: mtsif pkt sc0 sd2 enet0_rgmii vc_spi3 vc_pwm0 -
  32: mtsif pkt sc0 sd2 enet0_rgmii vc_spi3 vc_uart3 -
  33: mtsif pkt sd2 enet0_rgmii vc_spi3 vc_uart3 - -
  34: mtsif pkt ext_sc_clk sd2 enet0_rgmii vc_spi3 vc_i2c5 -
  35: mtsif pkt sd2 enet0_rgmii vc_spi3 vc_i2c5 - -
  36: sd0 mtsif sc0 i2s_in vc_uart3 vc_uart2 - -
  37: sd0 mtsif sc0 vc_spi0 i2s_in vc_uart3 vc_uart2 -
  38: sd0 mtsif_alt sc0 vc_spi0 i2s_in vc_uart3 vc_uart2 -
  39: sd0 mtsif_alt sc0 vc_spi0 vc_uart3 vc_uart2 - -
  40: sd0 mtsif_alt sc0 vc_spi0 bsc_m3 - - -
  41: sd0 mtsif_alt sc0 vc_spi0 bsc_m3 - - -
  42: vc_spi0 mtsif_alt vc_i2c0 sd_card_a mtsif_alt1 arm_jtag pdm spi_m
  43: vc_spi0 mtsif_alt vc_i2c0 sd_card_a mtsif_alt1 arm_jtag pdm spi_m
  44: vc_spi0 mtsif_alt enet0 sd_card_a mtsif_alt1 arm_jtag pdm spi_m
  45: vc_spi0 mtsif_alt enet0 sd_card_a mtsif_alt1 arm_jtag pdm spi_m
  46: vc_spi0 mtsif_alt sd_card_a mtsif_alt1 arm_jtag pdm spi_m -
  47: enet0 mtsif_alt i2s_out mtsif_alt1 arm_jtag - - -
  48: sc0 usb_pwr spdif_out mtsif - - - -
  49: sc0 usb_pwr aud_fs_clk0 mtsif - - - -
  50: sc0 usb_vbus sc0 - - - - -
  51: sc0 enet0 sc0 sr_edm_sense - - - -
  52: sc0 enet0 vc_pwm1 - - - - -
  53: sc0 enet0_rgmii ext_sc_clk - - - - -
`
    .trim()
    .split("\n")
    .map((line) => line.trim().split(": "))
    .map(([id = "", names = ""]) => [`gpio${id}`, words(names).map((name) => (name === "-" ? null : name))]),
);

/** Reset lines. */
export const RESETS: readonly string[] = ["swinit_pcie1", "bridge_pcie1", "swinit_pcie2", "bridge_pcie2"];

/** Devices, and what belongs to them. */
export const DEVICES: readonly {
  readonly name: string;
  readonly resets?: readonly number[];
  readonly pins?: readonly number[];
}[] = [
  { name: "PCIE0" },
  { name: "PCIE1", resets: [0, 1] },
  { name: "PCIE2", resets: [2, 3] },
  { name: "SDHCI0" },
  { name: "SDHCI1", pins: [30, 31, 32, 33, 34, 35] },
];

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
